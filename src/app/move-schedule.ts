/**
 * Moves what is scheduled where a country has changed its clocks since: people schedule wall times, and a
 * new release of the time zone data may give one another instant.
 */
import { sql } from 'kysely'
import { LitfassError } from '#domain/errors.ts'
import { movedInstant } from '#domain/schedule.ts'
import type { Handle } from '#storage/deliveries.ts'
import type { System } from './system.ts'

type Scheduled = { id: string; workspaceId: string; wall: string; zone: string; dueAt: Date }

const pageRows = 5_000

/**
 * Resolves every future wall time of the installation anew, drafts included, and returns how many moved.
 * Meant for each start: it reads only what is still to come, and writes only what has changed.
 */
export async function rescheduleMoved(system: Pick<System, 'db' | 'now'>): Promise<number> {
  const now = system.now()
  let moved = 0
  let after: Pick<Scheduled, 'dueAt' | 'id'> = { dueAt: now, id: '' }
  for (;;) {
    const page = await pageAfter(system.db, after)
    for (const post of page) {
      const dueAt = movedBy(post)
      if (dueAt !== null && (await move(system.db, post, dueAt, now))) moved += 1
    }
    const last = page.at(-1)
    if (page.length < pageRows || !last) return moved
    after = last
  }
}

/** A zone this machine does not know (any more) leaves its posts where they are. */
function movedBy({ wall, zone, dueAt }: Scheduled): Date | null {
  try {
    return movedInstant(wall, zone, dueAt)
  } catch (cause) {
    if (cause instanceof LitfassError) return null
    throw cause
  }
}

async function pageAfter(db: Handle, after: Pick<Scheduled, 'dueAt' | 'id'>): Promise<Scheduled[]> {
  const { rows } = await sql<Scheduled>`
    select id, workspace_id as "workspaceId", due_wall as wall, due_zone as zone, due_at as "dueAt" from post
    where due_wall is not null and due_zone is not null and (due_at, id) > (${after.dueAt}::timestamptz, ${after.id})
    order by due_at, id limit ${pageRows}`.execute(db)
  return rows
}

/** False where somebody changed the post meanwhile. A delivery that has started keeps its time. */
async function move(db: Handle, post: Scheduled, dueAt: Date, now: Date): Promise<boolean> {
  return db.transaction().execute(async (transaction) => {
    const { numAffectedRows } = await sql`
      update post set due_at = ${dueAt} where workspace_id = ${post.workspaceId} and id = ${post.id}
        and due_at = ${post.dueAt} and due_wall = ${post.wall} and due_zone = ${post.zone}`.execute(
      transaction,
    )
    if (!numAffectedRows) return false
    await sql`update delivery set due_at = ${dueAt}, next_at = case when state = 'waiting' and parent_id is null then ${dueAt}::timestamptz end,
      token = token + 1, updated_at = ${now}
      where workspace_id = ${post.workspaceId} and post_id = ${post.id} and started_at is null
        and state in ('waiting', 'held')`.execute(transaction)
    return true
  })
}
