/** Inviting people. The link's token is kept as a digest only, works once, and ends after a week. */
import { createHash, randomBytes } from 'node:crypto'
import { sql } from 'kysely'
import { LitfassError } from '#domain/errors.ts'
import { newId } from '#domain/id.ts'
import type { Handle } from '#storage/deliveries.ts'
import { findAccount, insertAccount } from './accounts.ts'
import { invitationMail, type Locale, type SendMail } from './mail.ts'
import { hashPassword, verifyPassword } from './password.ts'
import { requireRole } from './permissions.ts'
import type { Actor, System } from './system.ts'

export type Invitation = {
  id: string
  email: string
  role: 'admin' | 'editor' | 'viewer'
  createdAt: Date
  expiresAt: Date
}

const validDays = 7

export async function listInvitations(system: System, actor: Actor): Promise<Invitation[]> {
  requireRole(actor, 'admin')
  const { rows } = await sql<Invitation>`
    select id, email, role, created_at as "createdAt", expires_at as "expiresAt" from invitation
    where workspace_id = ${actor.workspaceId} and accepted_at is null and revoked_at is null and expires_at > ${system.now()}
    order by id desc`.execute(system.db)
  return rows
}

export type Invited = Invitation & { url: string; mailed: boolean }

/** A new invitation takes the place of an open one to the same address. Throws `conflict` for a member. */
export async function invite(
  system: System,
  actor: Actor,
  input: { email: string; role: Invitation['role'] },
  sendMail: SendMail | null,
): Promise<Invited> {
  requireRole(actor, 'admin')
  const now = system.now()
  const email = input.email.toLowerCase()
  const token = randomBytes(24).toString('base64url')
  const invitation: Invitation = {
    id: newId('inv', now),
    email,
    role: input.role,
    createdAt: now,
    expiresAt: new Date(now.getTime() + validDays * 86_400_000),
  }
  const names = await system.db.transaction().execute(async (transaction) => {
    const { rows } = await sql<{ workspace: string; zone: string; inviter: string; isMember: boolean }>`
      select w.name as workspace, w.time_zone as zone, m.name as inviter,
        exists (select 1 from member o where o.workspace_id = w.id and o.email = ${email}) as "isMember"
      from workspace w join member m on m.workspace_id = w.id and m.id = ${actor.memberId}
      where w.id = ${actor.workspaceId} for update of w`.execute(transaction)
    const [found] = rows
    if (!found) throw new Error('the actor is no member')
    if (found.isMember)
      throw new LitfassError('conflict', `${email} is a member already`, {
        remedy: 'Change the role in the list of members.',
      })
    await sql`update invitation set revoked_at = ${now} where workspace_id = ${actor.workspaceId} and email = ${email}
      and accepted_at is null and revoked_at is null`.execute(transaction)
    await sql`insert into invitation (id, workspace_id, email, role, token_hash, invited_by, created_at, expires_at) values
      (${invitation.id}, ${actor.workspaceId}, ${email}, ${input.role}, ${digest(token)}, ${actor.memberId}, ${now}, ${invitation.expiresAt})`.execute(
      transaction,
    )
    return found
  })
  const url = `${system.origin}/invite?token=${token}`
  const account = await findAccount(system.db, email)
  const mail = invitationMail(account?.locale ?? 'en', {
    to: email,
    inviter: names.inviter,
    workspace: names.workspace,
    url,
    expiresAt: invitation.expiresAt,
    timeZone: names.zone,
  })
  return { ...invitation, url, mailed: sendMail === null ? false : await sendMail(mail) }
}

export async function revokeInvitation(system: System, actor: Actor, id: string): Promise<void> {
  requireRole(actor, 'admin')
  const { numAffectedRows } =
    await sql`update invitation set revoked_at = coalesce(revoked_at, ${system.now()})
    where workspace_id = ${actor.workspaceId} and id = ${id} and accepted_at is null`.execute(system.db)
  if (!numAffectedRows)
    throw new LitfassError('not_found', `There is no open invitation ${id}`, {
      remedy: 'List them with `litfass member list`.',
    })
}

type Open = { id: string; workspaceId: string; workspace: string; email: string; role: Invitation['role'] }

async function openInvitation(db: Handle, token: string, now: Date): Promise<Open> {
  const { rows } = await sql<Open>`
    select i.id, i.workspace_id as "workspaceId", w.name as workspace, i.email, i.role
    from invitation i join workspace w on w.id = i.workspace_id
    where i.token_hash = ${digest(token)} and i.accepted_at is null and i.revoked_at is null and i.expires_at > ${now}
    for update of i`.execute(db)
  const [invitation] = rows
  if (invitation) return invitation
  throw new LitfassError('link_invalid', 'This invitation has been used, was revoked or has expired', {
    remedy: 'Ask for a new one.',
  })
}

export async function showInvitation(
  system: System,
  token: string,
): Promise<{ workspace: string; email: string; role: Invitation['role']; hasAccount: boolean }> {
  const { workspace, email, role } = await openInvitation(system.db, token, system.now())
  const account = await findAccount(system.db, email)
  return { workspace, email, role, hasAccount: account !== undefined }
}

export type Acceptance = { token: string; name?: string; password: string; locale: Locale }

/** Makes the account where there is none; one that exists must give its password. */
export async function acceptInvitation(
  system: System,
  input: Acceptance,
): Promise<{ workspaceId: string; memberId: string; userId: string }> {
  const now = system.now()
  // Hashing takes long; it must not hold the one connection of the embedded database.
  const { email } = await openInvitation(system.db, input.token, now)
  const account = await findAccount(system.db, email)
  if (account && !account.passwordHash) {
    // Setting one here would let whoever invited the address into every other workspace of its person.
    throw new LitfassError('conflict', 'Your account has no password yet', {
      remedy: 'Ask in the workspace you belong to for a link to set one, then open this invitation again.',
    })
  }
  if (account?.passwordHash) {
    if (!(await verifyPassword(account.passwordHash, input.password)))
      throw new LitfassError('sign_in_wrong', 'The password of this account is wrong', {
        remedy: 'Enter the password you sign in with, or ask for a new one.',
      })
  } else if ([...input.password].length < 10) {
    throw new LitfassError('invalid_input', 'The password has fewer than 10 characters', {
      remedy: 'Choose a longer one.',
      issues: [{ path: 'password', message: 'At least 10 characters' }],
    })
  }
  const passwordHash = account?.passwordHash ?? (await hashPassword(input.password))
  return system.db.transaction().execute(async (transaction) => {
    const invitation = await openInvitation(transaction, input.token, now)
    const name = input.name ?? email
    const userId =
      account?.userId ??
      (await insertAccount(transaction, { name, email, locale: input.locale, passwordHash }, now))
    if (userId === undefined)
      throw new LitfassError('conflict', 'An account with this address was made at the same moment', {
        remedy: 'Open the link again and sign in.',
      })
    const memberId = newId('mbr', now)
    await sql`insert into member (id, workspace_id, name, email, role, user_id, created_at)
      select ${memberId}, ${invitation.workspaceId}, coalesce(${input.name ?? null}, u.name), ${email}, ${invitation.role}, ${userId}, ${now}
      from auth_user u where u.id = ${userId}`.execute(transaction)
    await sql`update invitation set accepted_at = ${now} where id = ${invitation.id}`.execute(transaction)
    return { workspaceId: invitation.workspaceId, memberId, userId }
  })
}

function digest(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}
