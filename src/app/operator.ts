/** The operator: who can read the data folder owns the machine, and so is never locked out of Litfass. */
import { sql } from 'kysely'
import { LitfassError } from '#domain/errors.ts'
import type { Handle } from '#storage/deliveries.ts'
import { createKey } from './initialise.ts'
import type { Actor } from './system.ts'

/** False until the first set-up. */
export async function hasOwner(db: Handle): Promise<boolean> {
  const { rows } = await sql`select 1 from member where role = 'owner' limit 1`.execute(db)
  return rows.length > 0
}

/** A key with the rights of the first owner, for the command line on this machine. Throws `not_initialised`. */
export async function createOperatorKey(db: Handle, now: Date): Promise<{ id: string; apiKey: string }> {
  const { rows } = await sql<Actor>`
    select workspace_id as "workspaceId", id as "memberId", role from member
    where role = 'owner' order by created_at, id limit 1`.execute(db)
  const [owner] = rows
  if (!owner) {
    throw new LitfassError('not_initialised', 'Nobody owns this installation yet', {
      remedy: 'Run `litfass init`, or open the set-up link that the server printed.',
    })
  }
  return createKey(db, owner, 'Command line of this machine', now)
}
