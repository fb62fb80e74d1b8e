/** The person who asks: who they are, where, and what they may change about themselves and the workspace. */
import { sql } from 'kysely'
import { LitfassError } from '#domain/errors.ts'
import type { Locale } from './mail.ts'
import { requireRole } from './permissions.ts'
import { requireZone } from './setup.ts'
import type { Actor, System } from './system.ts'

export type Workspace = { id: string; name: string; timeZone: string }
export type Me = {
  member: { id: string; name: string; email: string; role: Actor['role']; locale: Locale | null }
  workspace: Workspace
  workspaces: Array<{ id: string; name: string; role: Actor['role'] }>
}

export async function whoAmI(system: System, actor: Actor): Promise<Me> {
  const { rows } = await sql<{
    name: string
    email: string
    role: Actor['role']
    locale: Locale | null
    userId: string | null
    workspaceName: string
    timeZone: string
  }>`select m.name, m.email, m.role, u.locale, m.user_id as "userId", w.name as "workspaceName", w.time_zone as "timeZone"
    from member m join workspace w on w.id = m.workspace_id left join auth_user u on u.id = m.user_id
    where m.workspace_id = ${actor.workspaceId} and m.id = ${actor.memberId}`.execute(system.db)
  const [row] = rows
  if (!row) throw new Error('the actor is no member')
  const workspace = { id: actor.workspaceId, name: row.workspaceName, timeZone: row.timeZone }
  const { rows: workspaces } = await sql<Me['workspaces'][number]>`
    select w.id, w.name, m.role from member m join workspace w on w.id = m.workspace_id
    where m.id = ${actor.memberId} or m.user_id = ${row.userId} order by m.created_at, m.id`.execute(
    system.db,
  )
  const { name, email, role, locale } = row
  return { member: { id: actor.memberId, name, email, role, locale }, workspace, workspaces }
}

/** The language belongs to the person, the name to their membership here. */
export async function changeMe(
  system: System,
  actor: Actor,
  change: { name?: string; locale?: Locale },
): Promise<Me> {
  if (change.name !== undefined)
    await sql`update member set name = ${change.name} where workspace_id = ${actor.workspaceId} and id = ${actor.memberId}`.execute(
      system.db,
    )
  if (change.locale !== undefined)
    await sql`update auth_user u set locale = ${change.locale}, updated_at = ${system.now()} from member m
      where m.workspace_id = ${actor.workspaceId} and m.id = ${actor.memberId} and u.id = m.user_id`.execute(
      system.db,
    )
  return whoAmI(system, actor)
}

export async function listWorkspaces(system: System, actor: Actor): Promise<Workspace[]> {
  const { rows } = await sql<Workspace>`
    select w.id, w.name, w.time_zone as "timeZone" from workspace w join member m on m.workspace_id = w.id
    where m.id = ${actor.memberId}
      or m.user_id = (select user_id from member where workspace_id = ${actor.workspaceId} and id = ${actor.memberId})
    order by m.created_at, m.id`.execute(system.db)
  return rows
}

/** What is scheduled keeps its instant and the zone it was chosen in. Throws `not_found` for another workspace. */
export async function changeWorkspace(
  system: System,
  actor: Actor,
  id: string,
  change: { name?: string; timeZone?: string },
): Promise<Workspace> {
  if (id !== actor.workspaceId)
    throw new LitfassError('not_found', `There is no workspace ${id} here`, {
      remedy: 'Name the workspace in the header litfass-workspace.',
    })
  requireRole(actor, 'admin')
  if (change.timeZone !== undefined) requireZone(change.timeZone)
  const { rows } = await sql<Workspace>`update workspace set name = coalesce(${change.name ?? null}, name),
      time_zone = coalesce(${change.timeZone ?? null}, time_zone)
    where id = ${id} returning id, name, time_zone as "timeZone"`.execute(system.db)
  const [workspace] = rows
  if (!workspace) throw new Error('the actor has no workspace')
  return workspace
}
