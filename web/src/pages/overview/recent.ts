/** What the overview reads of what went out: the posts, and their latest figures. */
import { useQueries } from '@tanstack/react-query'
import { api } from '../../api.ts'
import type { Post } from '../posts/states.tsx'
import type { BlockQuery } from './Block.tsx'

const most = 6
const askEveryMs = 30_000

/** The last that went out, also where a channel of them did not work. */
export function useRecentPosts(): BlockQuery<readonly Post[]> {
  return useQueries({
    queries: (['published', 'partly-published'] as const).map((state) =>
      api.posts.list.queryOptions({
        input: { state, order: 'latest', limit: most },
        refetchInterval: askEveryMs,
      }),
    ),
    combine: (results) => {
      const failed = results.find(({ isError }) => isError)
      const posts = results.flatMap(({ data }) => data?.items ?? [])
      return {
        data: results.every(({ data }) => data)
          ? posts.toSorted((a, b) => (b.dueAt ?? '').localeCompare(a.dueAt ?? '')).slice(0, most)
          : undefined,
        isError: failed !== undefined,
        error: failed?.error ?? null,
        refetch: () => results.map(({ refetch }) => refetch()),
      }
    },
  })
}
