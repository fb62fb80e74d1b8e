/**
 * Idempotency keys: the answer to a write is kept for 24 hours and given again to who repeats the request.
 *
 * Every stored answer is sealed. Some hold a secret that is shown once (an API key, an invitation's link), and
 * a list of those would one day lack one.
 */
import { sql } from 'kysely'
import { LitfassError } from '#domain/errors.ts'
import type { Actor, System } from './system.ts'

export type StoredAnswer = { status: number; type: string; body: string }
/** One use of a key. `hash` is of everything that makes the request what it is, who sends it included. */
export type KeyUse = { key: string; hash: string }
/** A claim that is held while the request runs; its instant tells it from a later one. */
export type Claim = { claimedAt: Date }

const keepMs = 24 * 3_600_000
/** A request that has not ended after this died with its process. */
const patienceMs = 2 * 60_000
/** The status of a key without an answer, where a fault came after something may have been written. */
const doneInPart = 500

/**
 * Claims a key, or finds what was answered under it.
 *
 * Throws `idempotency_mismatch` where the key stands for another request, and `conflict` while the first is
 * being answered, or where its process died or failed after a write: nobody knows then whether it was done, and
 * nothing is done twice.
 */
export async function claimKey(system: System, actor: Actor, use: KeyUse): Promise<Claim | StoredAnswer> {
  const now = system.now()
  const claimed = await sql`
    insert into idempotency_key as k (workspace_id, key, body_hash, created_at)
    values (${actor.workspaceId}, ${use.key}, ${use.hash}, ${now})
    on conflict (workspace_id, key) do update set
      body_hash = excluded.body_hash, status = null, response = null, created_at = excluded.created_at
    where k.created_at <= ${new Date(now.getTime() - keepMs)}
    returning 1`.execute(system.db)
  if (claimed.rows.length > 0) return { claimedAt: now }
  const { rows } = await sql<{
    hash: string
    status: number | null
    response: { sealed: string } | null
    claimedAt: Date
  }>`select body_hash as hash, status, response, created_at as "claimedAt" from idempotency_key
    where workspace_id = ${actor.workspaceId} and key = ${use.key}`.execute(system.db)
  const [found] = rows
  if (found && found.hash !== use.hash) {
    throw new LitfassError('idempotency_mismatch', 'This Idempotency-Key was used for another request', {
      remedy: 'Use a new key for a new request; repeat a request exactly to get its answer again.',
    })
  }
  if (found?.status === doneInPart) {
    throw new LitfassError(
      'conflict',
      'The first request with this Idempotency-Key ended in a fault of Litfass',
      {
        remedy: 'It may have been done all the same: look, and send it under a new key where it was not.',
      },
    )
  }
  if (found && found.status === null && found.claimedAt.getTime() <= now.getTime() - patienceMs) {
    throw new LitfassError('conflict', 'The first request with this Idempotency-Key was never answered', {
      remedy: 'It may have been done: look, and send it under a new key where it was not.',
    })
  }
  if (!found?.response || found.status === null) {
    throw new LitfassError(
      'conflict',
      'The first request with this Idempotency-Key is still being answered',
      {
        remedy: 'Wait a moment and repeat the request.',
        retryAfterSeconds: 1,
      },
    )
  }
  const opened = system.sealer.open(identityOf(actor, use), found.response.sealed)
  return { ...(JSON.parse(opened) as Omit<StoredAnswer, 'status'>), status: found.status }
}

export async function keepAnswer(
  system: System,
  actor: Actor,
  use: KeyUse,
  claim: Claim,
  { status, ...answer }: StoredAnswer,
): Promise<void> {
  const sealed = system.sealer.seal(identityOf(actor, use), JSON.stringify(answer))
  await sql`update idempotency_key set status = ${status}, response = ${JSON.stringify({ sealed })}::jsonb
    where workspace_id = ${actor.workspaceId} and key = ${use.key} and created_at = ${claim.claimedAt}`.execute(
    system.db,
  )
}

/** After a fault of ours that left nothing behind: the same request may be tried again under its key. */
export async function releaseKey(system: System, actor: Actor, use: KeyUse, claim: Claim): Promise<void> {
  await sql`delete from idempotency_key where workspace_id = ${actor.workspaceId} and key = ${use.key}
    and status is null and created_at = ${claim.claimedAt}`.execute(system.db)
}

/** After a fault of ours that may have left something behind: nothing is done under this key any more. */
export async function closeKey(system: System, actor: Actor, use: KeyUse, claim: Claim): Promise<void> {
  await sql`update idempotency_key set status = ${doneInPart} where workspace_id = ${actor.workspaceId}
    and key = ${use.key} and created_at = ${claim.claimedAt}`.execute(system.db)
}

function identityOf(actor: Actor, use: KeyUse): string {
  return `idempotency_key/${actor.workspaceId}/${use.key}/response`
}
