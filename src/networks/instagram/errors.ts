/** Instagram's own error codes. What every part of Meta's platform shares stands in `../graph.ts`. */
import type { GraphErrorRow } from '../graph.ts'
import type { ContainerFailure } from '../graph-containers.ts'

/** Some subcodes are documented without their code; the subcode alone decides. */
const anyCode: [number, number] = [-1_000, 1_000_000]

/**
 * Source: developers.facebook.com/docs/instagram-platform error codes, read 2026-11-23.
 *
 * At the publish step several of these were seen while the post was live, so what is not certain there is
 * `reconcile`: the container's status decides.
 */
export const instagramRows: readonly GraphErrorRow[] = [
  { code: -2, subcode: 2207003, meaning: 'Downloading the image took Instagram too long', action: 'retry' },
  { code: -2, subcode: 2207020, meaning: 'The prepared post has expired', action: 'reconcile' },
  { code: -1, subcode: 2207001, meaning: 'Instagram had an internal error', action: 'reconcile' },
  { code: -1, subcode: 2207032, meaning: 'Instagram could not prepare the post', action: 'retry' },
  { code: -1, subcode: 2207053, meaning: 'Instagram could not take the file', action: 'retry' },
  { code: 1, subcode: 2207057, meaning: 'The thumbnail offset is out of range', action: 'fix' },
  { code: 4, subcode: 2207051, meaning: 'Instagram took the post for spam', action: 'reconcile' },
  {
    code: 9,
    subcode: 2207042,
    meaning: 'The daily number of posts is used up',
    action: 'wait',
    waitSeconds: 3_600,
  },
  { code: 24, subcode: 2207006, meaning: 'Instagram does not find the prepared post', action: 'reconcile' },
  { code: 24, subcode: 2207008, meaning: 'The prepared post does not exist any more', action: 'reconcile' },
  {
    code: 25,
    subcode: 2207050,
    meaning: 'The Instagram account is restricted or needs a confirmation in the app',
    action: 'user',
  },
  { code: 100, subcode: 2207023, meaning: 'Instagram does not know the media type', action: 'give-up' },
  { code: 100, subcode: 2207028, meaning: 'A carousel needs 2 to 10 images', action: 'fix' },
  { code: 100, subcode: 2207035, meaning: 'A product tag has a position on a video', action: 'give-up' },
  { code: 100, subcode: 2207036, meaning: 'A product tag lacks its position', action: 'give-up' },
  { code: 100, subcode: 2207037, meaning: 'A product tag is not valid', action: 'fix' },
  { code: 100, subcode: 2207040, meaning: 'More than 20 accounts are mentioned', action: 'fix' },
  { code: 352, subcode: 2207026, meaning: 'The video format is not supported', action: 'fix' },
  { code: 9004, subcode: 2207052, meaning: 'Instagram could not fetch the image', action: 'retry' },
  {
    code: 9007,
    subcode: 2207027,
    meaning: 'Instagram still prepares the post',
    action: 'wait',
    waitSeconds: 10,
  },
  { code: 36000, subcode: 2207004, meaning: 'An image is larger than 8 MiB', action: 'fix' },
  { code: 36001, subcode: 2207005, meaning: 'Instagram takes JPEG images only', action: 'fix' },
  {
    code: 36003,
    subcode: 2207009,
    meaning: 'The aspect ratio must be between 4:5 and 1.91:1',
    action: 'fix',
  },
  { code: 36004, subcode: 2207010, meaning: 'The caption is too long', action: 'fix' },
  { code: 100, subcode: 2108006, meaning: 'The post is older than the business account', action: 'give-up' },
  { code: anyCode, subcode: 2207081, meaning: 'The account has no trial reels', action: 'fix' },
  { code: anyCode, subcode: 2207082, meaning: 'Instagram could not take the file', action: 'retry' },
  { code: anyCode, subcode: 2207077, meaning: 'Instagram could not fetch the video', action: 'retry' },
  { code: 9009, meaning: 'The Instagram account is not available', action: 'user' },
]

/** Subcodes after which a new container is made: nothing is live yet, and it is tried a few times only. */
const newContainerSubcodes = new Set([
  2207001, 2207003, 2207006, 2207008, 2207020, 2207032, 2207052, 2207053, 2207077, 2207082,
])

export function wantsNewContainer(failure: ContainerFailure | undefined): boolean {
  return typeof failure !== 'number' || newContainerSubcodes.has(failure)
}

export function isNotFetched(failure: ContainerFailure | undefined): boolean {
  return failure === 2207052 || failure === 2207003
}

export function meaningOf(failure: ContainerFailure | undefined): string {
  const row = instagramRows.find((candidate) => candidate.subcode === failure)
  return row?.subcode === undefined ? 'Instagram could not prepare the post' : row.meaning
}
