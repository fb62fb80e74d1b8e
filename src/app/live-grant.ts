/**
 * A grant that still works: renewed before it ends, by one process at a time, and stored before it is used.
 *
 * A single-use refresh token dies when two present it. So who renews holds a lease on the connection's row,
 * and everybody else waits for what that one stores. A refusal counts only where the stored grant is still
 * the one that was refused.
 */
import { sql } from 'kysely'
import type { Source } from '#domain/breaker.ts'
import { LitfassError } from '#domain/errors.ts'
import { NotNow } from '#engine/trouble.ts'
import type { Grant, LoginMethod, Network, VerbContext } from '#networks/contract.ts'
import { putNotices } from '#storage/notices.ts'
import { storable } from '#storage/storable.ts'
import { appOf } from './known-apps.ts'
import type { System } from './system.ts'

export type GrantUse = {
  workspaceId: string
  source: Source
  /** The delivery it is for: it may be the one that tries while the network is out of order. */
  deliveryId: string | null
  actor: string
  network: Network
  login: LoginMethod
  isSandbox: boolean
  context: VerbContext
}

/** A token is renewed when it has less than this left. */
const refreshAheadMs = 5 * 60_000

/** Longer than a request to a network may take, so that a lease never ends under a renewal in flight. */
const leaseMs = 60_000

/** How long others wait for the one that renews, and how often they look. Wall time. */
const waitMs = 45_000
const lookMs = 100

/** Throws `connection_expired` where only a person can help, and `NotNow` where it may work later. */
export async function liveGrant(system: System, use: GrantUse, sealedGrant: string): Promise<Grant> {
  const grant = openGrant(system, use.source.connectionId, sealedGrant)
  return isFresh(system, grant)
    ? grant
    : serially(use.source.connectionId, () => renewed(system, use, isFresh))
}

/** Renews ahead of need, for a sweep. False where the network renewed nothing. */
export async function renewAhead(system: System, use: GrantUse): Promise<boolean> {
  return serially(use.source.connectionId, async () => {
    const before = (await rowOf(system, use)).sealedGrant
    await renewed(system, use, () => false)
    return (await rowOf(system, use)).sealedGrant !== before
  })
}

/**
 * In place of a grant that the network refused before its time. True where there is another one now, renewed here or
 * by who met the refusal before; false where nothing can renew it.
 */
export async function replaceRefused(system: System, use: GrantUse, refused: Grant): Promise<boolean> {
  if (use.login.renewal !== 'refresh-token' || refused.refreshToken === undefined) return false
  const isOther = (_: System, grant: Grant) => grant.accessToken !== refused.accessToken
  const grant = await serially(use.source.connectionId, () => renewed(system, use, isOther, refused))
  return isOther(system, grant)
}

function isFresh(system: System, grant: Grant): boolean {
  const endsAt = grant.accessExpiresAt?.getTime()
  return endsAt === undefined || endsAt - system.now().getTime() > refreshAheadMs
}

export function openGrant(system: System, connectionId: string, sealed: string): Grant {
  const raw = JSON.parse(system.sealer.open(`connection/${connectionId}/grant`, sealed)) as Grant
  const grant: Grant = { ...raw }
  for (const field of ['accessExpiresAt', 'refreshExpiresAt', 'dataAccessExpiresAt'] as const) {
    const value = raw[field]
    if (value !== undefined) grant[field] = new Date(value)
  }
  return grant
}

type Row = { state: string; stateReason: string | null; sealedGrant: string; number: number }

async function rowOf(system: System, use: GrantUse): Promise<Row> {
  const { rows } = await sql<Row>`select state, state_reason as "stateReason", sealed_grant as "sealedGrant",
      refresh_token_number::int as number
    from connection where workspace_id = ${use.workspaceId} and id = ${use.source.connectionId}`.execute(
    system.db,
  )
  return usable(rows[0])
}

export function usable<R extends Pick<Row, 'state' | 'stateReason'>>(row: R | undefined): R {
  if (!row || row.state === 'disconnected') throw notConnected()
  if (row.state === 'needs-reauthorisation')
    throw expired(row.stateReason ?? 'The network asks for a new sign-in')
  return row
}

export function notConnected(): LitfassError {
  return new LitfassError('channel_unavailable', 'This channel is not connected any more', {
    remedy: 'Connect the account again; what is scheduled goes on then.',
  })
}

function expired(message: string): LitfassError {
  return new LitfassError('connection_expired', `The access has ended: ${message.replace(/\.$/, '')}`, {
    remedy: 'Reconnect the account; what is scheduled goes on then.',
  })
}

/** Renews, or waits for the one that does, until `isGood` or nothing more can be had. */
async function renewed(
  system: System,
  use: GrantUse,
  isGood: (system: System, grant: Grant) => boolean,
  refused?: Grant,
): Promise<Grant> {
  const giveUpAt = performance.now() + waitMs
  for (;;) {
    const row = await rowOf(system, use)
    const stored = openGrant(system, use.source.connectionId, row.sealedGrant)
    if (isGood(system, stored)) return stored
    // Whatever its time says, it does not serve any more.
    if (refused !== undefined) stored.accessExpiresAt = system.now()
    const lease = await takeLease(system, use, row)
    if (lease !== null) return renew(system, use, { ...row, number: lease }, stored)
    if (performance.now() > giveUpAt) {
      if (isAlive(system, stored)) return stored
      throw new NotNow({ code: 'renewal_busy', message: 'The access is being renewed and not ready yet.' })
    }
    await new Promise((resolve) => setTimeout(resolve, lookMs))
  }
}

/** The number that the later writes carry, or null where another holds the lease or renewed meanwhile. */
async function takeLease(system: System, use: GrantUse, row: Row): Promise<number | null> {
  const now = system.now()
  const { rows } = await sql<{ number: number }>`
    update connection set refresh_lease_until = ${new Date(now.getTime() + leaseMs)}, refresh_token_number = refresh_token_number + 1
    where workspace_id = ${use.workspaceId} and id = ${use.source.connectionId} and refresh_token_number = ${row.number}
      and sealed_grant = ${row.sealedGrant} and (refresh_lease_until is null or refresh_lease_until <= ${now})
    returning refresh_token_number::int as number`.execute(system.db)
  return rows[0]?.number ?? null
}

async function renew(system: System, use: GrantUse, row: Row, grant: Grant): Promise<Grant> {
  try {
    if (!(await system.breakers.mayTry(use.source, 'connect', use.deliveryId)))
      return await untilLater(system, use, grant, 'its network is out of order')
    const outcome = await refresh(system, use, grant)
    switch (outcome.kind) {
      case 'refreshed':
        await store(system, use, row, outcome.grant)
        await system.breakers.report(use.source, 'connect', 'works')
        return outcome.grant
      case 'not-needed':
        return grant
      case 'unavailable':
        await afterTrouble(system, use)
        return await untilLater(system, use, grant, outcome.message)
      case 'dead':
        return await afterRefusal(system, use, row, grant, storable(outcome.message))
    }
  } finally {
    await sql`update connection set refresh_lease_until = null
      where workspace_id = ${use.workspaceId} and id = ${use.source.connectionId} and refresh_token_number = ${row.number}`.execute(
      system.db,
    )
  }
}

async function refresh(system: System, use: GrantUse, grant: Grant) {
  const actor = { workspaceId: use.workspaceId, memberId: use.actor, role: 'owner' } as const
  const app = await appOf(system, actor, use.login, use.isSandbox)
  return use.network.refresh(use.context, grant, app)
}

/** What still works serves; the rest waits, for the network where that is out of order. */
async function untilLater(system: System, use: GrantUse, grant: Grant, why: string): Promise<Grant> {
  if (isAlive(system, grant)) return grant
  const outage = await system.breakers.outageOf(use.source, 'connect')
  const message = `The access could not be renewed yet: ${why}`
  throw new NotNow(outage?.reason ?? { code: 'renewal_failed', message })
}

/** Says whether the network is out of order, so that its refusal says nothing of this account. */
async function afterTrouble(system: System, use: GrantUse): Promise<boolean> {
  const outage = await system.breakers.outageOf(use.source, 'connect')
  // It refuses what everybody posts with, so what it says of this one's renewal is not believed either.
  if (outage === null)
    return (await system.breakers.outageOf(use.source, 'publish'))?.cause === 'unauthorised'
  const isProbe = outage.probeDeliveryId === null || outage.probeDeliveryId === use.deliveryId
  if (isProbe) await system.breakers.ended(outage, outage.probeDeliveryId, true)
  return true
}

/** A grant that was good a day ago and is refused now says something of the network, when others are too. */
const lastlyMs = 24 * 3_600_000

function wasGood(system: System, { accessExpiresAt }: Grant): boolean {
  return accessExpiresAt === undefined || accessExpiresAt.getTime() > system.now().getTime() - lastlyMs
}

function isAlive(system: System, grant: Grant): boolean {
  return grant.accessExpiresAt === undefined || grant.accessExpiresAt > system.now()
}

/** A newer grant than this one's predecessor is never written over, and a disconnect stays one. */
async function store(system: System, use: GrantUse, row: Row, grant: Grant): Promise<void> {
  const sealed = system.sealer.seal(`connection/${use.source.connectionId}/grant`, JSON.stringify(grant))
  await sql`update connection set sealed_grant = ${sealed}, access_expires_at = ${grant.accessExpiresAt ?? null},
      refresh_expires_at = ${grant.refreshExpiresAt ?? null},
      data_access_expires_at = coalesce(${grant.dataAccessExpiresAt ?? null}, data_access_expires_at),
      state = 'active', state_reason = null, updated_at = ${system.now()}
    where workspace_id = ${use.workspaceId} and id = ${use.source.connectionId} and state <> 'disconnected'
      and sealed_grant = ${row.sealedGrant}`.execute(system.db)
}

/** The refusal is true only where nobody stored another grant meanwhile, and where others are not refused too. */
async function afterRefusal(
  system: System,
  use: GrantUse,
  row: Row,
  grant: Grant,
  message: string,
): Promise<Grant> {
  const current = await rowOf(system, use)
  if (current.sealedGrant !== row.sealedGrant)
    return openGrant(system, use.source.connectionId, current.sealedGrant)
  if (wasGood(system, grant)) await system.breakers.report(use.source, 'connect', 'unauthorised')
  if (await afterTrouble(system, use)) return untilLater(system, use, grant, message)
  if (isAlive(system, grant)) return grant
  const now = system.now()
  await system.db.transaction().execute(async (transaction) => {
    const { rows } = await sql<{ name: string }>`
      update connection set state = 'needs-reauthorisation', state_reason = ${message}, refused_at = ${now}, updated_at = ${now}
      where workspace_id = ${use.workspaceId} and id = ${use.source.connectionId} and state = 'active'
        and sealed_grant = ${row.sealedGrant} and refresh_token_number = ${row.number}
      returning name`.execute(transaction)
    if (rows[0]) await putNotices(transaction, [expiredNotice(use, rows[0].name, message)], now)
  })
  throw expired(message)
}

function expiredNotice(use: GrantUse, name: string, reason: string) {
  return {
    workspaceId: use.workspaceId,
    kind: 'connection-expired',
    subjectKind: 'connection',
    subjectId: use.source.connectionId,
    params: { connection: name, networkId: use.network.definition.id, reason },
  } as const
}

/** One at a time per connection in this process, so that a crowd of deliveries does not poll the row. */
const queues = new Map<string, Promise<unknown>>()
function serially<T>(key: string, run: () => Promise<T>): Promise<T> {
  const previous = queues.get(key) ?? Promise.resolve()
  const next = previous.then(run, run)
  const settled = next.catch(() => undefined)
  queues.set(key, settled)
  void settled.then(() => {
    if (queues.get(key) === settled) queues.delete(key)
  })
  return next
}
