/** Personal data of members: all of it as one document, and its end. What they wrote belongs to the workspace. */
import { sql } from 'kysely'
import { LitfassError } from '#domain/errors.ts'
import type { Handle } from '#storage/deliveries.ts'
import { forgetInvitations, forgetPerson } from './erasure.ts'
import { listMembers } from './members.ts'
import { requireRole } from './permissions.ts'
import type { Actor, System } from './system.ts'

type Membership = { workspaceId: string; memberId: string; userId: string | null; email: string }

export type PersonalData = {
  exportedAt: Date
  account: { email: string; name: string; locale: string | null; createdAt: Date } | null
  sessions: Array<{ createdAt: Date; expiresAt: Date; ipAddress: string | null; userAgent: string | null }>
  memberships: Array<{
    id: string
    workspaceId: string
    workspace: string
    name: string
    email: string
    role: Actor['role']
    createdAt: Date
    /** Calls to networks that this person caused. */
    accessRecords: number
  }>
  keys: Array<{
    id: string
    name: string
    prefix: string
    createdAt: Date
    lastUsedAt: Date | null
    revokedAt: Date | null
  }>
  invitations: Array<{
    id: string
    email: string
    role: Actor['role']
    createdAt: Date
    acceptedAt: Date | null
    isOwn: boolean
  }>
  posts: Array<{
    id: string
    workspaceId: string
    text: string
    firstComment: string
    variants: string[]
    isDraft: boolean
    createdAt: Date
    updatedAt: Date
  }>
}

/** Everything about the person who asks, in all of their workspaces. */
export async function ownData(system: System, actor: Actor): Promise<PersonalData> {
  const memberships = await membershipsOf(system.db, actor)
  return dataOf(system, memberships, memberships[0]?.userId ?? null)
}

/** What this workspace holds of a member, for somebody who has to answer them. Throws `not_found`. */
export async function memberData(system: System, actor: Actor, id: string): Promise<PersonalData> {
  if (id === actor.memberId) return ownData(system, actor)
  requireRole(actor, 'admin')
  const [member] = await listMembers(system.db, actor, id)
  if (!member)
    throw new LitfassError('not_found', `There is no member ${id}`, {
      remedy: 'List them with `litfass member list`.',
    })
  const { userId, email } = member
  // Their sessions are of all workspaces, so they are theirs alone to see.
  return dataOf(system, [{ workspaceId: actor.workspaceId, memberId: id, userId, email }], null)
}

async function membershipsOf(db: Handle, actor: Actor): Promise<Membership[]> {
  const { rows } = await sql<Membership>`
    select m.workspace_id as "workspaceId", m.id as "memberId", m.user_id as "userId", m.email from member m
    where (m.workspace_id = ${actor.workspaceId} and m.id = ${actor.memberId})
      or m.user_id = (select user_id from member where workspace_id = ${actor.workspaceId} and id = ${actor.memberId})
    order by m.workspace_id`.execute(db)
  return rows
}

async function dataOf(
  system: System,
  memberships: readonly Membership[],
  userId: string | null,
): Promise<PersonalData> {
  const { db } = system
  const ids = memberships.map(({ memberId }) => memberId)
  const workspaceIds = memberships.map(({ workspaceId }) => workspaceId)
  const emails = [...new Set(memberships.map(({ email }) => email.toLowerCase()))]
  const mine = sql`select * from unnest(${ids}::text[], ${workspaceIds}::text[])`
  const account = await sql<NonNullable<PersonalData['account']>>`
    select email, name, locale, created_at as "createdAt" from auth_user where id = ${userId}`.execute(db)
  const sessions = await sql<PersonalData['sessions'][number]>`
    select created_at as "createdAt", expires_at as "expiresAt", ip_address as "ipAddress", user_agent as "userAgent"
    from auth_session where user_id = ${userId} order by created_at`.execute(db)
  const members = await sql<PersonalData['memberships'][number]>`
    select m.id, m.workspace_id as "workspaceId", w.name as workspace, m.name, m.email, m.role, m.created_at as "createdAt",
      (select count(*)::int from access_record a where a.workspace_id = m.workspace_id and a.actor = m.id and a.kind = 'open')
        as "accessRecords"
    from member m join workspace w on w.id = m.workspace_id
    where (m.id, m.workspace_id) in (${mine})`.execute(db)
  const keys = await sql<PersonalData['keys'][number]>`
    select id, name, key_prefix as prefix, created_at as "createdAt", last_used_at as "lastUsedAt", revoked_at as "revokedAt"
    from api_key where (member_id, workspace_id) in (${mine}) order by created_at`.execute(db)
  const invitations = await sql<PersonalData['invitations'][number]>`
    select id, email, role, created_at as "createdAt", accepted_at as "acceptedAt", lower(email) = any(${emails}::text[]) as "isOwn"
    from invitation where (invited_by, workspace_id) in (${mine})
      or (workspace_id = any(${workspaceIds}::text[]) and lower(email) = any(${emails}::text[])) order by created_at`.execute(
    db,
  )
  const posts = await sql<PersonalData['posts'][number]>`
    select id, workspace_id as "workspaceId", text, first_comment as "firstComment", is_draft as "isDraft", created_at as "createdAt", updated_at as "updatedAt",
      array(select v.text from variant v where v.workspace_id = post.workspace_id and v.post_id = post.id
        and v.text is not null order by v.id) as variants
    from post where (created_by, workspace_id) in (${mine}) order by created_at, id`.execute(db)
  return {
    exportedAt: system.now(),
    account: account.rows[0] ?? null,
    sessions: sessions.rows,
    memberships: members.rows,
    keys: keys.rows,
    invitations: invitations.rows,
    posts: posts.rows,
  }
}

/**
 * Erases the person who asks: memberships, name, mail address, keys, sessions, password, in all of their workspaces.
 * Throws `invalid_input` where `email` is not theirs, and `conflict` where a workspace would be left without an owner.
 */
export async function eraseMe(system: System, actor: Actor, email: string): Promise<{ workspaces: number }> {
  return system.db.transaction().execute(async (transaction) => {
    const memberships = await membershipsOf(transaction, actor)
    const own = memberships.find(({ memberId }) => memberId === actor.memberId)
    if (own?.email.toLowerCase() !== email.trim().toLowerCase()) {
      const message = 'This is not the mail address of your account'
      throw new LitfassError('invalid_input', message, {
        remedy: 'Type your own address, to show that you mean it.',
        issues: [{ path: 'email', message }],
      })
    }
    for (const membership of memberships) await eraseMembership(transaction, membership)
    if (own.userId !== null) await forgetPerson(transaction, own.userId)
    return { workspaces: memberships.length }
  })
}

async function eraseMembership(db: Handle, membership: Membership): Promise<void> {
  const { workspaceId, memberId } = membership
  const { rows } = await sql<{ name: string }>`
    select name from workspace where id = ${workspaceId} for update`.execute(db)
  const { rows: owners } = await sql<{ id: string }>`
    select id from member where workspace_id = ${workspaceId} and role = 'owner'`.execute(db)
  if (owners.length === 1 && owners[0]?.id === memberId)
    throw new LitfassError('conflict', `You are the last owner of ${rows[0]?.name ?? 'a workspace'}`, {
      remedy: 'Make somebody else an owner there first.',
    })
  await sql`delete from member where workspace_id = ${workspaceId} and id = ${memberId}`.execute(db)
  await forgetInvitations(db, membership)
}
