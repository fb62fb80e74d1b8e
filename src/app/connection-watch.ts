/** Looks ahead for every connection: renews what would end unused, and says in time what only a person can renew. */
import { sql } from 'kysely'
import { putNotices } from '#storage/notices.ts'
import { contextOf, found, sourceOf } from './channel-access.ts'
import { endOf } from './connections.ts'
import { renewAhead } from './live-grant.ts'
import type { System } from './system.ts'

const hour = 3_600_000
const day = 24 * hour

/** So long before an end a renewal is tried, and a person told. */
const aheadMs = 7 * day
/** A token that renews itself has had its tries by then. */
const lastDaysMs = 3 * day
/** A refresh token is not left unused for longer, whatever the network says of its life. */
const unusedMs = 3 * day
/** Renewals of one run, so that a sweep stays short; the next one goes on. */
const perRun = 50

type Due = { id: string; workspaceId: string; login: string; sandbox: boolean; server: string }

/** Renews grants that silence would end. Returns how many were renewed. */
export async function renewResting(
  system: System,
  now: Date,
  onError: (cause: unknown) => void,
): Promise<number> {
  const ids = (kind: string) =>
    system.networks.flatMap(({ definition }) =>
      definition.logins.flatMap(({ id, renewal }) => (renewal === kind ? [id] : [])),
    )
  const soon = new Date(now.getTime() + aheadMs)
  const { rows } =
    await sql<Due>`select id, workspace_id as "workspaceId", login, sandbox, server from connection
    where state = 'active' and updated_at <= ${new Date(now.getTime() - day)} and (
      (login = any(${ids('own-token')}::text[]) and access_expires_at <= ${soon})
      or (login = any(${ids('refresh-token')}::text[]) and access_expires_at <= ${soon}
        and (refresh_expires_at <= ${soon} or access_expires_at <= ${new Date(now.getTime() - unusedMs)})))
    order by updated_at, id limit ${perRun}`.execute(system.db)
  let renewed = 0
  for (const row of rows) {
    try {
      if (await renewOne(system, row)) renewed += 1
    } catch (cause) {
      onError(cause)
    }
  }
  return renewed
}

async function renewOne(system: System, due: Due): Promise<boolean> {
  const { id, workspaceId, sandbox } = due
  const { network, login } = found(system, due.login)
  const use = { workspaceId, actor: 'job:renew', deliveryId: null }
  const context = contextOf(system, use, due, network, login)
  // The next try is a day away, whatever comes of this one.
  await sql`update connection set updated_at = ${system.now()} where id = ${id} and workspace_id = ${workspaceId}`.execute(
    system.db,
  )
  return renewAhead(system, { ...use, source: sourceOf(due), network, login, isSandbox: sandbox, context })
}

type Ending = Due & {
  network: string
  name: string
  sealedGrant: string
  accessExpiresAt: Date | null
  refreshExpiresAt: Date | null
  dataAccessExpiresAt: Date | null
}

/** Notices for what ends within the week and nothing renews; what has ended asks for a new sign-in. */
export async function watchConnections(system: System, now: Date): Promise<void> {
  const soon = new Date(now.getTime() + aheadMs)
  const { rows } =
    await sql<Ending>`select id, workspace_id as "workspaceId", network, login, sandbox, server, name,
      sealed_grant as "sealedGrant", access_expires_at as "accessExpiresAt", refresh_expires_at as "refreshExpiresAt",
      data_access_expires_at as "dataAccessExpiresAt"
    from connection where state = 'active'
      and (access_expires_at <= ${soon} or refresh_expires_at <= ${soon} or data_access_expires_at <= ${soon})`.execute(
      system.db,
    )
  for (const row of rows) await watchOne(system, row, now)
}

async function watchOne(system: System, row: Ending, now: Date): Promise<void> {
  const known = system.loginById(row.login)
  if (!known) return
  const ends = [endOf(system, known.login, row, row.sealedGrant)]
  if (known.login.renewal === 'own-token' && isBefore(row.accessExpiresAt, now.getTime() + lastDaysMs))
    ends.push(row.accessExpiresAt)
  const instants = ends.flatMap((end) => (end === null ? [] : [end.getTime()]))
  const endsAt = instants.length === 0 ? null : new Date(Math.min(...instants))
  if (endsAt === null || endsAt.getTime() > now.getTime() + aheadMs) return
  const subject = { workspaceId: row.workspaceId, subjectKind: 'connection', subjectId: row.id } as const
  const params = { connection: row.name, networkId: row.network }
  // Where only reading ended, publishing still works.
  if (endsAt > now || !isBefore(row.accessExpiresAt, now.getTime())) {
    const notice = { ...subject, kind: 'connection-ends-soon' as const }
    await putNotices(system.db, [{ ...notice, params: { ...params, endsAt: endsAt.toISOString() } }], now)
    return
  }
  const reason = 'Its time is over, and nothing renews it by itself'
  await system.db.transaction().execute(async (transaction) => {
    await sql`update connection set state = 'needs-reauthorisation', state_reason = ${reason}, updated_at = ${now}
      where id = ${row.id} and workspace_id = ${row.workspaceId} and state = 'active' and sealed_grant = ${row.sealedGrant}`.execute(
      transaction,
    )
    await putNotices(
      transaction,
      [{ ...subject, kind: 'connection-expired', params: { ...params, reason } }],
      now,
    )
  })
}

function isBefore(instant: Date | null, limit: number): boolean {
  return instant !== null && instant.getTime() <= limit
}
