/**
 * What is looked after from time to time: each sweep is a function of the clock it is handed, safe to run
 * twice and at any time. `jobs.ts` only triggers them.
 */
import { sql } from 'kysely'
import type { Handle } from '#storage/deliveries.ts'
import {
  deliveryParams,
  type NewNotice,
  noticeHeld,
  putNotices,
  renewNotice,
  resolveEnded,
  severities,
} from '#storage/notices.ts'
import { newId } from '#domain/id.ts'

const second = 1_000
const day = 86_400 * second

/** A worker that has not been heard of for so long is silent; a delivery this far past its time is late. */
export const silentAfterMs = 30 * second

/** How long before a network's API version ends people are told. */
const versionNoticeMs = 60 * day

/** Notices follow what deliveries and connections are, also where a statement wrote none. */
export async function tidyNotices(db: Handle, now: Date): Promise<void> {
  await noticeHeld(db, now)
  await resolveEnded(db, null, now)
}

/**
 * Tells every workspace when nothing is heard of a worker, and each whose deliveries are late. One notice
 * per workspace: a backlog of thousands is one piece of news.
 */
export async function watchDelays(db: Handle, now: Date): Promise<void> {
  const limit = new Date(now.getTime() - silentAfterMs)
  await resolveEnded(db, null, now)
  const { rows: beats } = await sql<{ alive: boolean }>`
    select exists (select 1 from worker where seen_at >= ${limit}) as alive`.execute(db)
  if (beats[0]?.alive) {
    await sql`update notice set resolved_at = ${now} where kind = 'worker-silent' and resolved_at is null`.execute(
      db,
    )
  } else {
    const { rows } = await sql<{ id: string }>`select id from workspace`.execute(db)
    await putNotices(
      db,
      rows.map(({ id }) => silence(id)),
      now,
    )
  }
  const { rows: late } = await sql<{ workspaceId: string; deliveryId: string; count: number }>`
    select workspace_id as "workspaceId", count(*)::int as count, (array_agg(id order by next_at, id))[1] as "deliveryId"
    from delivery d where state = 'waiting' and next_at < ${limit} group by workspace_id
    having not exists (select 1 from notice n where n.workspace_id = d.workspace_id and n.kind = 'delivery-late' and n.resolved_at is null)`.execute(
    db,
  )
  for (const row of late) await putLate(db, row.deliveryId, row.count, now)
}

function silence(workspaceId: string): NewNotice {
  return { workspaceId, kind: 'worker-silent', subjectKind: 'installation', subjectId: 'worker', params: {} }
}

async function putLate(db: Handle, deliveryId: string, count: number, now: Date): Promise<void> {
  await sql`insert into notice (id, workspace_id, kind, severity, subject_kind, subject_id, post_id, params, created_at)
    select ${newId('ntc', now)}, d.workspace_id, 'delivery-late', ${severities['delivery-late']}, 'delivery', d.id, d.post_id,
      ${deliveryParams} || jsonb_build_object('count', ${count}::int), ${now}
    from delivery d join channel c on c.id = d.channel_id where d.id = ${deliveryId} and d.state = 'waiting'
    ${renewNotice}`.execute(db)
}

/** Rows that nothing would ever take up again: no lease, no next time, and not waiting for a person. */
export async function freeStuck(db: Handle, now: Date): Promise<void> {
  await sql`update delivery set next_at = ${now}, updated_at = ${now}
    where state in ('claimed', 'sending') and next_at is null and lease_until is null`.execute(db)
  await sql`update poll set next_at = ${now}, lease_until = null where next_at is null and lease_until <= ${now}`.execute(
    db,
  )
}

export type EndingVersion = { networkId: string; version: string; endsOn: string }

/** Each workspace that uses a network is told in time that the version Litfass speaks ends there. */
export async function watchVersions(
  db: Handle,
  now: Date,
  versions: readonly EndingVersion[],
): Promise<void> {
  const soon = versions.filter(({ endsOn }) => Date.parse(endsOn) <= now.getTime() + versionNoticeMs)
  const { rows } = await sql<{ workspaceId: string; networkId: string }>`
    select distinct workspace_id as "workspaceId", network as "networkId" from connection
    where state <> 'disconnected' and not sandbox and network = any(${soon.map(({ networkId }) => networkId)}::text[])`.execute(
    db,
  )
  const notices = rows.flatMap(({ workspaceId, networkId }) =>
    soon
      .filter((version) => version.networkId === networkId)
      .map((params): NewNotice => ({
        workspaceId,
        kind: 'version-ends-soon',
        subjectKind: 'network',
        subjectId: networkId,
        params,
      })),
  )
  await putNotices(db, notices, now)
  const told = rows.map(({ workspaceId, networkId }) => `${workspaceId} ${networkId}`)
  await sql`update notice set resolved_at = ${now} where kind = 'version-ends-soon' and resolved_at is null
    and not workspace_id || ' ' || subject_id = any(${told}::text[])`.execute(db)
}

/** Deletes what has served its time; what networks let us keep for a while only is `retention.ts`'s. */
export async function prune(db: Handle, now: Date): Promise<void> {
  const yesterday = new Date(now.getTime() - day)
  await sql`delete from idempotency_key where created_at <= ${yesterday}`.execute(db)
  await sql`delete from pending_login where expires_at <= ${now}`.execute(db)
  await sql`delete from auth_verification where expires_at <= ${now}`.execute(db)
  await sql`delete from auth_session where expires_at <= ${now}`.execute(db)
  await sql`delete from worker where seen_at <= ${yesterday}`.execute(db)
  await sql`delete from network_pause where until <= ${yesterday}`.execute(db)
}
