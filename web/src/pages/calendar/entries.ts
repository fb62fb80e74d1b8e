/** Posts as the calendar shows them, on the workspace's clock. */
import { useQuery } from '@tanstack/react-query'
import { api, client } from '../../api.ts'
import { wallTime } from '../../wall-time.ts'
import type { Post } from '../posts/states.tsx'
import { addDays } from './days.ts'

export type Entry = {
  post: Post
  /** `2026-12-01T09:30` */
  wall: string
  /** Is being moved there. */
  isMoving: boolean
}

/** As many as one view shows; a fuller one says so. */
export const mostPosts = 1_000
const pageSize = 200

/** All posts of these days, read again every half minute. */
export function usePostsBetween(first: string, last: string) {
  // A day more on both sides, since the zone's day is not the server's.
  const span = { from: `${addDays(first, -1)}T00:00:00Z`, to: `${addDays(last, 2)}T00:00:00Z` }
  return useQuery({
    queryKey: [...api.posts.list.key(), 'span', span],
    queryFn: () => postsIn(span),
    refetchInterval: 30_000,
    placeholderData: (before) => before,
  })
}

async function postsIn(span: { from: string; to: string }): Promise<Post[]> {
  const posts: Post[] = []
  let cursor: string | null = null
  do {
    const page: Awaited<ReturnType<typeof client.posts.list>> = await client.posts.list({
      ...span,
      limit: pageSize,
      ...(cursor === null ? {} : { cursor }),
    })
    posts.push(...page.items)
    cursor = page.next
  } while (cursor !== null && posts.length < mostPosts)
  return posts
}

/** In order of time. What is being moved already stands where it goes. */
export function entriesOf(
  posts: readonly Post[],
  timeZone: string,
  pending: ReadonlyMap<string, string>,
): Entry[] {
  const entries = posts.flatMap((post): Entry[] => {
    const target = pending.get(post.id)
    if (target !== undefined) return [{ post, wall: target, isMoving: true }]
    if (post.dueAt === null) return []
    return [{ post, wall: wallTime(new Date(post.dueAt), timeZone), isMoving: false }]
  })
  return entries.sort((a, b) => a.wall.localeCompare(b.wall))
}

/** By cell: by day where cells are days, by hour where they are hours. */
export function byCell(entries: readonly Entry[], cellLength: number): Map<string, Entry[]> {
  return Map.groupBy(entries, ({ wall }) => wall.slice(0, cellLength))
}
