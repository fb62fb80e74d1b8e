/** What the address of the list of posts says: its filters, so that a view can be shared. */
export type PostsSearch = { state?: string; channelId?: string; network?: string; search?: string }

const names = ['state', 'channelId', 'network', 'search'] as const

export function readPostsSearch(search: Record<string, unknown>): PostsSearch {
  return Object.fromEntries(
    names.flatMap((name) =>
      typeof search[name] === 'string' && search[name] !== '' ? [[name, search[name]]] : [],
    ),
  )
}
