/** What goes with a person who leaves, beside their membership. */
import { sql } from 'kysely'
import type { Handle } from '#storage/deliveries.ts'
import { forgetIfAlone } from './accounts.ts'

/** The address of an invitation is the person's too. */
export async function forgetInvitations(
  db: Handle,
  { workspaceId, email }: { workspaceId: string; email: string },
): Promise<void> {
  await sql`delete from invitation where workspace_id = ${workspaceId} and lower(email) = ${email.toLowerCase()}`.execute(
    db,
  )
}

/** The account goes where no workspace has the person, and with it the links to set its password. */
export async function forgetPerson(db: Handle, userId: string): Promise<void> {
  await forgetIfAlone(db, userId)
  await sql`delete from auth_verification v where v.value = ${userId}
    and not exists (select 1 from auth_user u where u.id = v.value)`.execute(db)
}
