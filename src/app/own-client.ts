/**
 * Litfass as an app of its own, at networks that know apps by a document at an address and register none.
 *
 * With a public address each workspace has such a document, and a key that proves it. On one's own machine nobody
 * could read a document; for that these networks take an app that says in its id where it sends people back to.
 */
import { generateKeyPairSync } from 'node:crypto'
import { sql } from 'kysely'
import { LitfassError } from '#domain/errors.ts'
import type { AppCredentials, LoginMethod, ProofKey } from '#networks/contract.ts'
import { isPublic } from './reachability.ts'
import { numericRedirectUriOf, redirectUriOf } from './redirect-uri.ts'
import type { System } from './system.ts'

/** Null where this server is neither reached from everywhere nor on the machine of whoever signs in. */
export async function ownClientOf(
  system: System,
  workspaceId: string,
  login: LoginMethod,
): Promise<AppCredentials | null> {
  const { origin } = system
  if (origin.startsWith('https://') && isPublic(origin)) {
    const clientSecret =
      (await keyOf(system, workspaceId, login.id)) ?? (await newKey(system, workspaceId, login.id))
    return { clientId: documentUrlOf(system, workspaceId, login.id), clientSecret }
  }
  if (!isLoopback(origin)) return null
  const says = { redirect_uri: numericRedirectUriOf(system), scope: login.scopes.join(' ') }
  return { clientId: `http://localhost?${new URLSearchParams(says)}`, clientSecret: '' }
}

export function noOwnClient({ origin }: Pick<System, 'origin'>, { name }: LoginMethod): LitfassError {
  return new LitfassError('address_not_public', `${name} needs a public https address; this is ${origin}`, {
    remedy:
      'Set LITFASS_ORIGIN to an https address that is reached from everywhere, or connect in another way.',
  })
}

/** Where the answer to a consent of such an app goes. */
export function ownRedirectUriOf(system: Pick<System, 'origin'>): string {
  return isLoopback(system.origin) ? numericRedirectUriOf(system) : redirectUriOf(system)
}

/** What networks read at the address that is the app's id (RFC 7591). Throws `not_found`. */
export async function clientDocument(
  system: System,
  workspaceId: string,
  loginId: string,
): Promise<Record<string, unknown>> {
  const login = system.loginById(loginId)?.login
  const secret = login?.isOwnClient === true ? await keyOf(system, workspaceId, loginId) : null
  if (!login || secret === null)
    throw new LitfassError('not_found', 'There is no such document', {
      remedy: 'Use the address as it was given.',
    })
  const { d: _, ...open } = JSON.parse(secret) as ProofKey & { kid: string }
  return {
    client_id: documentUrlOf(system, workspaceId, loginId),
    client_name: 'Litfass',
    client_uri: system.origin,
    application_type: 'web',
    redirect_uris: [ownRedirectUriOf(system)],
    scope: login.scopes.join(' '),
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'private_key_jwt',
    token_endpoint_auth_signing_alg: 'ES256',
    dpop_bound_access_tokens: true,
    jwks: { keys: [{ ...open, alg: 'ES256', use: 'sig' }] },
  }
}

function documentUrlOf({ origin }: Pick<System, 'origin'>, workspaceId: string, loginId: string): string {
  return `${origin}/oauth/${loginId}/${workspaceId}/client-metadata.json`
}

function isLoopback(origin: string): boolean {
  return /^http:\/\/(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?$/.test(origin)
}

const identityOf = (workspaceId: string, loginId: string) => `own_client/${workspaceId}/${loginId}`

async function keyOf(system: System, workspaceId: string, loginId: string): Promise<string | null> {
  const { rows } = await sql<{ sealed: string }>`select sealed_app as sealed from registered_app
    where workspace_id = ${workspaceId} and login = ${loginId} and host = '' and redirect_uri = ''`.execute(
    system.db,
  )
  return rows[0] ? system.sealer.open(identityOf(workspaceId, loginId), rows[0].sealed) : null
}

/** Of two that are made at the same time the first one stays. */
async function newKey(system: System, workspaceId: string, loginId: string): Promise<string> {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const key = JSON.stringify({ ...privateKey.export({ format: 'jwk' }), kid: 'litfass' })
  const sealed = system.sealer.seal(identityOf(workspaceId, loginId), key)
  await sql`insert into registered_app (workspace_id, login, host, redirect_uri, sealed_app, created_at)
    values (${workspaceId}, ${loginId}, '', '', ${sealed}, ${system.now()}) on conflict do nothing`.execute(
    system.db,
  )
  return (await keyOf(system, workspaceId, loginId)) ?? key
}
