/** The networks a post goes to, also while it is a draft and has no deliveries. */
import { useQuery } from '@tanstack/react-query'
import { api } from '../../api.ts'
import type { Post } from './states.tsx'

/** Each network once, in the order of the post. */
export function useNetworksOf(): (post: Pick<Post, 'deliveries' | 'channelIds'>) => string[] {
  const { data } = useQuery(api.channels.list.queryOptions({ staleTime: 60_000 }))
  return ({ deliveries, channelIds }) => {
    const names =
      deliveries.length > 0
        ? deliveries.map(({ network }) => network)
        : channelIds.flatMap((id) => data?.items.find((channel) => channel.id === id)?.network ?? [])
    return [...new Set(names)]
  }
}
