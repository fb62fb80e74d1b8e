/**
 * Who a session cookie belongs to: one query from session to membership, asked on every request, so that a person who
 * signed out or was removed is out at once.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { sql } from 'kysely'
import { newId } from '#domain/id.ts'
import type { Handle } from '#storage/deliveries.ts'
import { prepared } from '#storage/pieces.ts'
import type { Actor } from './system.ts'

/** Days after which a person signs in again. */
export const sessionDays = 30

export type SessionKeys = {
  /** Signs cookies; derived from the master key. */
  secret: string
  /** Cookies over https carry a prefix that browsers enforce. */
  isSecure: boolean
}

export function sessionCookieName(isSecure: boolean): string {
  return `${isSecure ? '__Secure-' : ''}litfass.session_token`
}

/** The token of a signed cookie, or null where there is none or the signature is wrong. */
export function tokenOf(cookieHeader: string | undefined, keys: SessionKeys): string | null {
  const name = `${sessionCookieName(keys.isSecure)}=`
  const raw = (cookieHeader ?? '')
    .split(';')
    .map((part) => part.trim())
    .find((part) => part.startsWith(name))
  if (raw === undefined) return null
  const value = decoded(raw.slice(name.length))
  const dot = value.lastIndexOf('.')
  if (dot < 1) return null
  const token = value.slice(0, dot)
  const given = Buffer.from(value.slice(dot + 1))
  const wanted = Buffer.from(signatureOf(token, keys.secret))
  return given.length === wanted.length && timingSafeEqual(given, wanted) ? token : null
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return ''
  }
}

/** As better-auth signs its cookies: HMAC-SHA256 in base64. */
function signatureOf(token: string, secret: string): string {
  return createHmac('sha256', secret).update(token).digest('base64')
}

/** The member behind a session, in the named workspace or else the first. Null where there is none. */
export async function actorOfSession(
  db: Handle,
  token: string,
  workspaceId: string | null,
  now: Date,
): Promise<Actor | null> {
  const { rows } = await sql<Actor>`
    select m.workspace_id as "workspaceId", m.id as "memberId", m.role
    from auth_session s join member m on m.user_id = s.user_id
    where s.token = ${token} and s.expires_at > ${now} and (${workspaceId}::text is null or m.workspace_id = ${workspaceId})
    order by m.created_at, m.id limit 1 ${prepared}`.execute(db)
  return rows[0] ?? null
}

/** Signs a person in. Returns the cookie to set. */
export async function openSession(db: Handle, userId: string, keys: SessionKeys, now: Date): Promise<string> {
  const token = randomBytes(24).toString('base64url')
  const expiresAt = new Date(now.getTime() + sessionDays * 86_400_000)
  await sql`insert into auth_session (id, user_id, token, expires_at, created_at, updated_at)
    values (${newId('usr', now)}, ${userId}, ${token}, ${expiresAt}, ${now}, ${now})`.execute(db)
  const value = encodeURIComponent(`${token}.${signatureOf(token, keys.secret)}`)
  const secure = keys.isSecure ? '; Secure' : ''
  return `${sessionCookieName(keys.isSecure)}=${value}; Path=/; HttpOnly; SameSite=Lax; Max-Age=${sessionDays * 86_400}${secure}`
}
