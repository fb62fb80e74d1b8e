/** Posts as the calendar shows them: by day, on the workspace's clock. */
import { wallTime } from '../../wall-time.ts'
import type { Post } from '../posts/states.tsx'

export type Entry = { post: Post; day: string; time: string }

/** By day, in order of time. What is being moved already stands where it goes. */
export function entriesOf(
  posts: readonly Post[],
  timeZone: string,
  pending: ReadonlyMap<string, string>,
): Map<string, Entry[]> {
  const byDay = new Map<string, Entry[]>()
  for (const post of posts) {
    const wall =
      pending.get(post.id) ?? (post.dueAt === null ? null : wallTime(new Date(post.dueAt), timeZone))
    if (wall === null) continue
    const entry = { post, day: wall.slice(0, 10), time: wall.slice(11, 16) }
    byDay.set(entry.day, [...(byDay.get(entry.day) ?? []), entry])
  }
  for (const list of byDay.values()) list.sort((a, b) => a.time.localeCompare(b.time))
  return byDay
}
