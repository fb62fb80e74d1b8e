/** First set-up in the browser: workspace, owner, account and session, exactly once. */
import { sql } from 'kysely'
import { LitfassError } from '#domain/errors.ts'
import { newId } from '#domain/id.ts'
import { resolveSchedule } from '#domain/schedule.ts'
import type { Handle } from '#storage/deliveries.ts'
import { insertAccount } from './accounts.ts'
import type { Locale } from './mail.ts'
import { hashPassword } from './password.ts'

export type SetUp = {
  workspace: string
  name: string
  email: string
  password: string
  timeZone: string
  locale: Locale
}

/** Throws `already_initialised` the second time, also when two callers race, and `invalid_input` for a zone that is none. */
export async function setUp(
  db: Handle,
  input: SetUp,
  now: Date,
): Promise<{ workspaceId: string; ownerId: string; userId: string }> {
  requireZone(input.timeZone)
  const passwordHash = await hashPassword(input.password)
  return db.transaction().execute(async (transaction) => {
    await claimInstallation(transaction)
    const workspaceId = newId('wsp', now)
    const ownerId = newId('mbr', now)
    const email = input.email.toLowerCase()
    const userId = await insertAccount(
      transaction,
      { name: input.name, email, locale: input.locale, passwordHash },
      now,
    )
    if (userId === undefined) throw new Error('an account without a workspace has this address')
    await sql`insert into workspace (id, name, time_zone, created_at)
      values (${workspaceId}, ${input.workspace}, ${input.timeZone}, ${now})`.execute(transaction)
    await sql`insert into member (id, workspace_id, name, email, role, user_id, created_at)
      values (${ownerId}, ${workspaceId}, ${input.name}, ${email}, 'owner', ${userId}, ${now})`.execute(
      transaction,
    )
    return { workspaceId, ownerId, userId }
  })
}

/** Holds the installation for this transaction. Throws `already_initialised` where it has an owner. */
export async function claimInstallation(transaction: Handle): Promise<void> {
  await sql`select pg_advisory_xact_lock(7461938)`.execute(transaction)
  const { rows } = await sql`select 1 from workspace limit 1`.execute(transaction)
  if (rows.length === 0) return
  throw new LitfassError('already_initialised', 'This installation has an owner already', {
    remedy: 'Sign in as the owner, or create another key with `litfass key create`.',
  })
}

/** Throws `invalid_input` for what is no IANA time zone. */
export function requireZone(zone: string): void {
  resolveSchedule('2026-01-01T00:00', zone)
}
