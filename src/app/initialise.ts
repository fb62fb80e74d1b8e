/** First set-up: owner, workspace and API key in one transaction, exactly once. */
import { createHash, randomBytes } from 'node:crypto'
import { sql } from 'kysely'
import { LitfassError } from '#domain/errors.ts'
import { newId } from '#domain/id.ts'
import type { Handle } from '#storage/deliveries.ts'
import { prepared } from '#storage/pieces.ts'
import { claimInstallation, requireZone } from './setup.ts'
import type { Actor } from './system.ts'

export type Initialised = { workspaceId: string; ownerId: string; apiKey: string }
export type InitialiseInput = { workspace: string; name: string; email: string; timeZone: string }

/** Throws `already_initialised` the second time, also when two callers race. */
export async function initialise(db: Handle, input: InitialiseInput, now: Date): Promise<Initialised> {
  requireZone(input.timeZone)
  return db.transaction().execute(async (transaction) => {
    await claimInstallation(transaction)
    const workspaceId = newId('wsp', now)
    const ownerId = newId('mbr', now)
    await sql`insert into workspace (id, name, time_zone, created_at) values (${workspaceId}, ${input.workspace}, ${input.timeZone}, ${now})`.execute(
      transaction,
    )
    await sql`insert into member (id, workspace_id, name, email, role, created_at)
      values (${ownerId}, ${workspaceId}, ${input.name}, ${input.email.toLowerCase()}, 'owner', ${now})`.execute(
      transaction,
    )
    const { apiKey } = await createKey(
      transaction,
      { workspaceId, memberId: ownerId, role: 'owner' },
      'First key',
      now,
    )
    return { workspaceId, ownerId, apiKey }
  })
}

/** Creates a key; the whole key is returned once and never stored. */
export async function createKey(
  db: Handle,
  actor: Actor,
  name: string,
  now: Date,
): Promise<{ id: string; name: string; apiKey: string }> {
  const id = newId('key', now)
  const apiKey = `lf_${randomBytes(30).toString('base64url')}`
  await sql`insert into api_key (id, workspace_id, member_id, name, key_prefix, key_hash, created_at)
    values (${id}, ${actor.workspaceId}, ${actor.memberId}, ${name}, ${apiKey.slice(0, 10)}, ${hashKey(apiKey)}, ${now})`.execute(
    db,
  )
  return { id, name, apiKey }
}

export type KeyRow = {
  id: string
  name: string
  prefix: string
  createdAt: Date
  lastUsedAt: Date | null
  revokedAt: Date | null
}

export async function listKeys(db: Handle, actor: Actor): Promise<KeyRow[]> {
  const { rows } =
    await sql<KeyRow>`select id, name, key_prefix as prefix, created_at as "createdAt", last_used_at as "lastUsedAt",
    revoked_at as "revokedAt" from api_key where workspace_id = ${actor.workspaceId} order by id`.execute(db)
  return rows
}

export async function revokeKey(db: Handle, actor: Actor, id: string, now: Date): Promise<void> {
  const { numAffectedRows } = await sql`update api_key set revoked_at = coalesce(revoked_at, ${now})
    where workspace_id = ${actor.workspaceId} and id = ${id}`.execute(db)
  if (!numAffectedRows)
    throw new LitfassError('not_found', `There is no key ${id}`, {
      remedy: 'List the keys with `litfass key list`.',
    })
}

/** The last use of a key is noted this exactly: a read must not cost a commit each time. */
const noteEveryMs = 60_000

/** The actor behind a key, in one query but once a minute. Throws `not_signed_in`. */
export async function authenticateKey(db: Handle, apiKey: string, now: Date): Promise<Actor> {
  const noted = new Date(now.getTime() - noteEveryMs)
  const { rows } = await sql<Actor & { id: string; isNoted: boolean }>`
    select m.workspace_id as "workspaceId", m.id as "memberId", m.role, k.id, coalesce(k.last_used_at > ${noted}, false) as "isNoted"
    from api_key k join member m on m.workspace_id = k.workspace_id and m.id = k.member_id
    where k.key_hash = ${hashKey(apiKey)} and k.revoked_at is null ${prepared}`.execute(db)
  const [found] = rows
  if (!found) {
    throw new LitfassError('not_signed_in', 'This API key is unknown or revoked', {
      remedy: 'Create a key with `litfass key create` and send it as a bearer token.',
    })
  }
  const { id, isNoted, ...actor } = found
  if (!isNoted) await noteUse(db, actor, id, now)
  return actor
}

async function noteUse(db: Handle, actor: Actor, id: string, now: Date): Promise<void> {
  await sql`update api_key set last_used_at = ${now}
    where workspace_id = ${actor.workspaceId} and id = ${id} and (last_used_at is null or last_used_at < ${now})`.execute(
    db,
  )
}

/** Keys carry 240 random bits, so a plain digest is enough: there is nothing to guess. */
function hashKey(apiKey: string): string {
  return createHash('sha256').update(apiKey).digest('hex')
}
