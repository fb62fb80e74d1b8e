/** By which of its refusals a network says no to what a comment says: ids that `GET /_sandbox/errors` lists. */
export const refusals: Readonly<Record<string, string>> = {
  bluesky: '400-invalid-request',
  facebook: '1/1404102',
  instagram: '25/2207050',
  linkedin: '400-invalid-value',
  mastodon: '422-too-long',
  threads: 'THREADS_API__LINK_LIMIT_EXCEEDED',
}
