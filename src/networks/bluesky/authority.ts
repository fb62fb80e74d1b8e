/**
 * Who asks for a person's consent: from what was typed to the server of the account, and from that to the one that
 * signs people in for it. What servers say of each other is checked in both directions.
 *
 * Source: https://atproto.com/specs/oauth, read 2026-11-24.
 */
import type { AuthorizationServer } from 'oauth4webapi'
import { z } from 'zod'
import { LitfassError } from '#domain/errors.ts'
import type { VerbContext } from '../contract.ts'
import { type Answer, NoAnswer } from '../metered-fetch.ts'
import { didOf, isPointedElsewhere, originOf, serverOfDid } from './discover.ts'
import { refused } from './errors.ts'

/** `did` is absent where a server was named and no account. */
export type Home = { server: string; did?: string; hint?: string }

const resourceSchema = z.looseObject({
  resource: z.string(),
  authorization_servers: z.array(z.string()).length(1),
})
const authoritySchema = z.looseObject({
  issuer: z.string(),
  authorization_endpoint: z.url(),
  token_endpoint: z.url(),
  pushed_authorization_request_endpoint: z.url(),
  revocation_endpoint: z.url().optional(),
  authorization_response_iss_parameter_supported: z.literal(true),
  client_id_metadata_document_supported: z.literal(true),
  dpop_signing_alg_values_supported: z.array(z.string()).refine((all) => all.includes('ES256')),
  scopes_supported: z.array(z.string()).refine((all) => all.includes('atproto')),
})

/** By handle, DID or address of a server; the usual server where nothing was typed. */
export async function homeOfAccount(context: VerbContext, typed: string): Promise<Home> {
  const { apiUrl } = context.hosts
  if (/^https?:\/\//i.test(typed)) return { server: originOf(typed) }
  const did = typed === '' ? null : await didOf(context, typed)
  const named = did === null ? {} : { did, hint: typed }
  if (isPointedElsewhere(context) || typed === '') return { server: apiUrl, ...named }
  if (did !== null) {
    const server = await serverOfDid(context, did)
    if (server !== undefined) return { server, ...named }
  }
  // What is no handle may be the name of a server.
  if (/^[a-z0-9-]+(?:\.[a-z0-9-]+)+(?::\d+)?$/i.test(typed))
    return { server: `https://${typed.toLowerCase()}` }
  throw refused(`Bluesky knows no account ${typed}`, 'Check the handle, such as name.bsky.social.')
}

/** Whether this is the server that signs in the account of a DID, as its document and its server say. */
export async function isAuthorityOf(
  context: VerbContext,
  issuer: string,
  did: string,
): Promise<string | null> {
  const { apiUrl } = context.hosts
  if (isPointedElsewhere(context) && (await issuerOf(context, apiUrl)) === issuer) return apiUrl
  const server = await serverOfDid(context, did)
  return server !== undefined && (await issuerOf(context, server)) === issuer ? server : null
}

/** The server that signs people in for the accounts of another, and how it is talked to. */
export async function authorityFor(context: VerbContext, server: string): Promise<AuthorizationServer> {
  return authorityAt(context, await issuerOf(context, server))
}

/** Throws `connection_refused` where it is none that can be used. */
export async function authorityAt(context: VerbContext, issuer: string): Promise<AuthorizationServer> {
  const answer = await read(context, `${issuer}/.well-known/oauth-authorization-server`)
  const metadata = authoritySchema.safeParse(answer.json)
  const isRight = answer.status === 200 && metadata.success && metadata.data.issuer === issuer
  if (!isRight) throw refused(`${hostOf(issuer)} offers no sign-in that Litfass can use`, byPassword)
  return metadata.data as AuthorizationServer
}

/** A server that names no other signs people in by itself. */
async function issuerOf(context: VerbContext, server: string): Promise<string> {
  const answer = await read(context, `${server}/.well-known/oauth-protected-resource`)
  const metadata = resourceSchema.safeParse(answer.json)
  if (answer.status === 404) return server
  const issuer = metadata.data?.authorization_servers[0]
  if (answer.status !== 200 || issuer === undefined || metadata.data?.resource !== server)
    throw refused(`${hostOf(server)} does not say who signs people in for it`, byPassword)
  return issuer === context.hosts.apiUrl ? issuer : originOf(issuer)
}

export const byPassword = 'Check the handle or the server, or connect with an app password instead.'

async function read(context: VerbContext, url: string): Promise<Answer> {
  try {
    return await context.fetch({
      method: 'GET',
      url,
      endpointClass: 'server.describe',
      dataClass: 'none',
      purpose: 'connect',
      timeoutMs: 10_000,
    })
  } catch (cause) {
    if (!(cause instanceof NoAnswer)) throw cause
    throw new LitfassError('connection_refused', `${hostOf(url)} did not answer`, {
      remedy: `${byPassword} It must be a server that is reached from everywhere.`,
      cause,
    })
  }
}

export const hostOf = (url: string) => (URL.canParse(url) ? new URL(url).host : url)
