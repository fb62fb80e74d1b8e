/** Who belongs to a workspace, and in which role. The last owner stays owner. */
import { randomBytes } from 'node:crypto'
import { sql } from 'kysely'
import { LitfassError } from '#domain/errors.ts'
import { newId } from '#domain/id.ts'
import type { Handle } from '#storage/deliveries.ts'
import { findAccount, insertAccount } from './accounts.ts'
import { forgetInvitations, forgetPerson } from './erasure.ts'
import { forgetLinks, linkDigest, resetSeconds } from './identity.ts'
import { requireRole } from './permissions.ts'
import type { Actor, System } from './system.ts'

export type MemberRow = {
  id: string
  name: string
  email: string
  role: Actor['role']
  createdAt: Date
  canSignIn: boolean
  userId: string | null
}

export async function listMembers(db: Handle, actor: Actor, id: string | null = null): Promise<MemberRow[]> {
  const { rows } = await sql<MemberRow>`
    select m.id, m.name, m.email, m.role, m.created_at as "createdAt", m.user_id as "userId",
      exists (select 1 from auth_account a where a.user_id = m.user_id and a.password is not null) as "canSignIn"
    from member m where m.workspace_id = ${actor.workspaceId} and (${id}::text is null or m.id = ${id})
    order by m.created_at, m.id`.execute(db)
  return rows
}

async function memberOf(db: Handle, actor: Actor, id: string): Promise<MemberRow> {
  const [member] = await listMembers(db, actor, id)
  if (member) return member
  throw new LitfassError('not_found', `There is no member ${id}`, {
    remedy: 'List them with `litfass member list`.',
  })
}

/** Owners are made and unmade by owners. */
function requireRank(actor: Actor, member: Pick<MemberRow, 'role'>, wanted?: Actor['role']): void {
  requireRole(actor, member.role === 'owner' || wanted === 'owner' ? 'owner' : 'admin')
}

/** Serialises changes of a workspace's owners, so that two cannot demote each other at once. */
async function keepAnOwner(transaction: Handle, actor: Actor, member: MemberRow): Promise<void> {
  if (member.role !== 'owner') return
  const { rows } = await sql`select 1 from member where workspace_id = ${actor.workspaceId} and role = 'owner'
    and id <> ${member.id}`.execute(transaction)
  if (rows.length > 0) return
  throw new LitfassError('conflict', 'This is the last owner of the workspace', {
    remedy: 'Make somebody else an owner first.',
  })
}

async function locked(
  system: System,
  actor: Actor,
  id: string,
  run: (transaction: Handle, member: MemberRow) => Promise<void>,
): Promise<void> {
  await system.db.transaction().execute(async (transaction) => {
    await sql`select 1 from workspace where id = ${actor.workspaceId} for update`.execute(transaction)
    await run(transaction, await memberOf(transaction, actor, id))
  })
}

export async function changeRole(
  system: System,
  actor: Actor,
  id: string,
  role: Actor['role'],
): Promise<MemberRow> {
  await locked(system, actor, id, async (transaction, member) => {
    requireRank(actor, member, role)
    if (role !== 'owner') await keepAnOwner(transaction, actor, member)
    await sql`update member set role = ${role} where workspace_id = ${actor.workspaceId} and id = ${id}`.execute(
      transaction,
    )
  })
  return memberOf(system.db, actor, id)
}

/** Their keys are gone with them, and their sessions reach this workspace no more. What they wrote stays. */
export async function removeMember(system: System, actor: Actor, id: string): Promise<void> {
  await locked(system, actor, id, async (transaction, member) => {
    // Anybody may leave by themselves.
    if (member.id !== actor.memberId) requireRank(actor, member)
    await keepAnOwner(transaction, actor, member)
    await sql`delete from member where workspace_id = ${actor.workspaceId} and id = ${id}`.execute(
      transaction,
    )
    await forgetInvitations(transaction, { workspaceId: actor.workspaceId, email: member.email })
    if (member.userId !== null) await forgetPerson(transaction, member.userId)
  })
}

/** A link with which a member sets a new password. Makes the account of one who has none. Works without mail. */
export async function createPasswordLink(
  system: System,
  actor: Actor,
  id: string,
): Promise<{ url: string; expiresAt: Date }> {
  const now = system.now()
  const expiresAt = new Date(now.getTime() + resetSeconds * 1_000)
  const token = randomBytes(24).toString('base64url')
  await locked(system, actor, id, async (transaction, member) => {
    requireRank(actor, member)
    const userId = member.userId ?? (await makeAccount(transaction, actor, member, now))
    if (member.id !== actor.memberId) await refuseElsewhere(transaction, actor, userId)
    await forgetLinks(transaction, userId)
    // Where better-auth looks for the token of its own mails.
    await sql`insert into auth_verification (id, identifier, value, expires_at, created_at, updated_at)
      values (${newId('usr', now)}, ${linkDigest(`reset-password:${token}`)}, ${userId}, ${expiresAt}, ${now}, ${now})`.execute(
      transaction,
    )
  })
  return { url: `${system.origin}/reset-password?token=${token}`, expiresAt }
}

/** An account opens every workspace of its person, so who hands out its password must own the others as well. */
async function refuseElsewhere(transaction: Handle, actor: Actor, userId: string): Promise<void> {
  const { rows } = await sql`
    select 1 from member other where other.user_id = ${userId} and other.workspace_id <> ${actor.workspaceId}
      and not exists (select 1 from member own join member me on me.user_id = own.user_id
        where me.workspace_id = ${actor.workspaceId} and me.id = ${actor.memberId}
          and own.workspace_id = other.workspace_id and own.role = 'owner')`.execute(transaction)
  if (rows.length === 0) return
  throw new LitfassError('not_allowed', 'This person belongs to another workspace as well', {
    remedy: 'Let them ask for a new password on the sign-in page, or ask the owner of the other workspace.',
  })
}

async function makeAccount(transaction: Handle, actor: Actor, member: MemberRow, now: Date): Promise<string> {
  const account = { name: member.name, email: member.email, locale: null, passwordHash: null }
  const userId =
    (await insertAccount(transaction, account, now)) ?? (await findAccount(transaction, member.email))?.userId
  if (userId === undefined) throw new Error('the account just made is not there')
  await sql`update member set user_id = ${userId} where workspace_id = ${actor.workspaceId} and id = ${member.id}`.execute(
    transaction,
  )
  return userId
}
