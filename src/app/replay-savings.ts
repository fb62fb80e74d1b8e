/** What could be dropped or moved: how much of reading figures is of older posts, and where the same posts also went. */
import { sql } from 'kysely'
import { type EffectiveBook, entryFor } from '#domain/prices.ts'
import { readsWithin } from '#engine/read-times.ts'
import type { Actor, System } from './system.ts'

export type AlsoOn = {
  /** That went to the network in the time. */
  posts: number
  /** How many of them went to others too, the most first. */
  networks: Array<{ network: string; posts: number }>
}

type Span = { from: string; to: string }

const published = (workspaceId: string, { from, to }: Span) => sql`
  d.workspace_id = ${workspaceId} and d.state = 'published' and d.parent_id is null
  and d.published_at >= ${from}::timestamp at time zone 'UTC' and d.published_at < ${to}::timestamp at time zone 'UTC'`

/** By network. Those to which nothing went are left out. */
export async function alsoOnOf(
  { db }: System,
  { workspaceId }: Actor,
  span: Span,
): Promise<Map<string, AlsoOn>> {
  const { rows } = await sql<{ network: string; other: string; posts: number }>`
    with live as (select distinct d.post_id, d.network from delivery d where ${published(workspaceId, span)})
    select a.network, b.network as other, count(*)::int as posts
    from live a join live b on b.post_id = a.post_id group by 1, 2 order by 3 desc, 2`.execute(db)
  const found = new Map<string, AlsoOn>()
  for (const { network, posts } of rows.filter((row) => row.network === row.other))
    found.set(network, { posts, networks: [] })
  for (const { network, other, posts } of rows)
    if (network !== other) found.get(network)?.networks.push({ network: other, posts })
  return found
}

/** Posts older than this are looked at by few; their figures hardly move. */
const olderAfterDays = 7
const dayMs = 86_400_000

export type ReadPost = { network: string; publishedAt: Date; sandbox: boolean }

/** Posts whose figures are read in the time. */
export async function readPostsOf(
  { db }: System,
  { workspaceId }: Actor,
  { from, to }: Span,
): Promise<ReadPost[]> {
  const since = new Date(Date.parse(`${from}T00:00Z`) - 30 * dayMs).toISOString().slice(0, 10)
  const { rows } = await sql<ReadPost>`
    select d.network, d.published_at as "publishedAt", c.sandbox
    from delivery d join channel c on c.id = d.channel_id
    where ${published(workspaceId, { from: since, to })}`.execute(db)
  return rows
}

/** How much of reading posts' figures is of posts older than so many days. */
export type OlderReads = { afterDays: number; percent: number }

/**
 * As it would be charged; null where nothing is read. Told by how posts are read, as the ledger does not keep of
 * which post a figure was.
 */
export function olderReadsOf(
  book: EffectiveBook,
  plan: string,
  posts: readonly ReadPost[],
  { from, to }: Span,
  now: Date,
): OlderReads | null {
  const endpointClass = book.figures?.post
  if (endpointClass === undefined) return null
  const entry = entryFor(book, { plan, endpointClass, on: to })
  const isOnceADay = entry?.dedupe !== undefined
  const end = new Date(`${to}T00:00Z`)
  const span = { from: new Date(`${from}T00:00Z`), to: end < now ? end : now }
  const ages = posts.flatMap((post) => agesWhenRead(post, span, isOnceADay))
  const older = ages.filter((age) => age > olderAfterDays * dayMs).length
  return ages.length === 0
    ? null
    : { afterDays: olderAfterDays, percent: Math.round((older * 100) / ages.length) }
}

/** How old the post was at each read that is charged. Milliseconds. */
function agesWhenRead(
  { publishedAt, sandbox }: ReadPost,
  span: { from: Date; to: Date },
  isOnceADay: boolean,
): number[] {
  const first = new Date(publishedAt.getTime() + 15_000)
  const reads = readsWithin('post', publishedAt, first, { ...span, isSandbox: sandbox })
  const days = new Set<number>()
  return reads.flatMap((at) => {
    const day = Math.floor(at.getTime() / dayMs)
    if (isOnceADay && days.has(day)) return []
    days.add(day)
    return [at.getTime() - publishedAt.getTime()]
  })
}
