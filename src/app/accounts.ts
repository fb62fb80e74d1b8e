/**
 * The rows behind a person who can sign in: one `auth_user`, and its password in `auth_account`.
 *
 * The identity kit reads these rows; we write them ourselves, so that a person, their membership and their
 * password are made in one transaction.
 */
import { sql } from 'kysely'
import { newId } from '#domain/id.ts'
import type { Handle } from '#storage/deliveries.ts'
import type { Locale } from './mail.ts'

export type Account = { userId: string; passwordHash: string | null; locale: Locale | null }

/** E-mail addresses are compared and kept in lower case. */
export async function findAccount(db: Handle, email: string): Promise<Account | undefined> {
  const { rows } = await sql<Account>`
    select u.id as "userId", a.password as "passwordHash", u.locale from auth_user u
    left join auth_account a on a.user_id = u.id and a.provider_id = 'credential'
    where u.email = ${email.toLowerCase()}`.execute(db)
  return rows[0]
}

/** Undefined where the address has an account already, also when two callers race. */
export async function insertAccount(
  db: Handle,
  account: { name: string; email: string; locale: Locale | null; passwordHash: string | null },
  now: Date,
): Promise<string | undefined> {
  const { rows } = await sql<{ id: string }>`
    insert into auth_user (id, name, email, locale, created_at, updated_at)
    values (${newId('usr', now)}, ${account.name}, ${account.email.toLowerCase()}, ${account.locale}, ${now}, ${now})
    on conflict (email) do nothing returning id`.execute(db)
  const userId = rows[0]?.id
  if (userId !== undefined && account.passwordHash !== null)
    await sql`insert into auth_account (id, user_id, account_id, provider_id, password, created_at, updated_at)
      values (${newId('usr', now)}, ${userId}, ${userId}, 'credential', ${account.passwordHash}, ${now}, ${now})`.execute(
      db,
    )
  return userId
}

/** Forgets a person who belongs to no workspace any more; their sessions end with the row. */
export async function forgetIfAlone(db: Handle, userId: string): Promise<void> {
  await sql`delete from auth_user u where u.id = ${userId}
    and not exists (select 1 from member m where m.user_id = u.id)`.execute(db)
}
