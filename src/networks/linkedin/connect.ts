/** Sign-in at LinkedIn: consent, code, accounts and channels, renewal, readiness. */
import type { z } from 'zod'
import { LitfassError } from '#domain/errors.ts'
import type {
  AppCredentials,
  AuthorizeRequest,
  ChannelAccess,
  Check,
  CodeExchange,
  Connected,
  Grant,
  LoginMethod,
  NetworkHosts,
  Purpose,
  RefreshOutcome,
  RemoteChannel,
  VerbContext,
} from '../contract.ts'
import { type Answer, NoAnswer } from '../metered-fetch.ts'
import {
  aclsSchema,
  encoded,
  get,
  isShareOnly,
  meSchema,
  organisationSchema,
  tokenSchema,
  userinfoSchema,
} from './api.ts'
import { definition } from './definition.ts'
import { problemOf } from './errors.ts'
import { figureScopes } from './measure.ts'

const renewBeforeMs = 14 * 86_400_000
const profile = { endpointClass: 'profile.read', dataClass: 'own-profile', purpose: 'connect' } as const
const page = { endpointClass: 'organisation.read', dataClass: 'own-profile', purpose: 'connect' } as const

export function authorizeUrl(
  login: LoginMethod,
  hosts: NetworkHosts,
  _version: string,
  request: AuthorizeRequest,
): string {
  const url = new URL(hosts.authorizeUrl)
  url.search = new URLSearchParams({
    response_type: 'code',
    client_id: request.app.clientId,
    redirect_uri: request.redirectUri,
    state: request.state,
    scope: login.scopes.join(' '),
  }).toString()
  return url.href
}

export async function connect(context: VerbContext, exchange: CodeExchange): Promise<Connected> {
  const answer = await askToken(context, exchange.app, {
    grant_type: 'authorization_code',
    code: exchange.code,
    redirect_uri: exchange.redirectUri,
  }).catch(refusedBySilence)
  const token = tokenSchema.safeParse(answer.json)
  if (answer.status !== 200 || !token.success)
    throw connectionRefused('LinkedIn did not accept the sign-in code')
  return adopt(context, grantOf(token.data, context))
}

export async function adopt(context: VerbContext, grant: Grant): Promise<Connected> {
  return { grant, ...(await whoIs(context, grant).catch(refusedBySilence)) }
}

export async function refresh(
  context: VerbContext,
  grant: Grant,
  app: AppCredentials,
): Promise<RefreshOutcome> {
  const left = (grant.accessExpiresAt?.getTime() ?? Infinity) - context.now().getTime()
  if (left > renewBeforeMs) return { kind: 'not-needed' }
  if (grant.refreshToken === undefined) {
    if (left > 0) return { kind: 'not-needed' }
    return { kind: 'dead', message: 'LinkedIn’s permission ended after 60 days. Connect the account again.' }
  }
  try {
    const answer = await askToken(context, app, {
      grant_type: 'refresh_token',
      refresh_token: grant.refreshToken,
    })
    const token = tokenSchema.safeParse(answer.json)
    if (answer.status === 200 && token.success)
      return { kind: 'refreshed', grant: grantOf(token.data, context, grant) }
    if (answer.status >= 500 || answer.status === 429 || answer.status === 200)
      return { kind: 'unavailable', message: `LinkedIn answered ${answer.status} to a renewal.` }
    return { kind: 'dead', message: 'LinkedIn no longer renews this connection. Connect the account again.' }
  } catch (cause) {
    if (!(cause instanceof NoAnswer)) throw cause
    return { kind: 'unavailable', message: 'LinkedIn did not answer to a renewal.' }
  }
}

export async function check(context: VerbContext, channel: ChannelAccess): Promise<Check[]> {
  const answer = await quietly(() => readProfile(context, channel.accessToken))
  const missing = missingScopes(context, channel)
  const checks: Check[] = [
    verdict('token', answer?.status === 200, 'LinkedIn accepts the connection.', {
      message: answer ? `LinkedIn answered ${answer.status} to the connection.` : 'LinkedIn did not answer.',
      remedy: answer?.status === 401 ? 'Connect the account again.' : 'Try again in a few minutes.',
    }),
    verdict('scopes', missing.length === 0, 'All permissions are granted.', {
      message: `Permissions are missing: ${missing.join(', ')}.`,
      remedy: 'Connect the account again and agree to everything LinkedIn asks.',
    }),
    ...(isShareOnly(context) ? [] : [figuresCheck(channel)]),
    versionCheck(context),
  ]
  if (channel.kind === 'organisation') checks.push(await roleCheck(context, channel))
  return checks
}

function askToken(
  context: VerbContext,
  app: AppCredentials,
  fields: Record<string, string>,
): Promise<Answer> {
  return context.fetch({
    method: 'POST',
    url: context.hosts.tokenUrl,
    endpointClass: 'token',
    dataClass: 'none',
    purpose: 'connect',
    body: new URLSearchParams({ ...fields, client_id: app.clientId, client_secret: app.clientSecret }),
  })
}

function connectionRefused(message: string, remedy = 'Start the connection again.'): LitfassError {
  return new LitfassError('connection_refused', message, { remedy })
}

/** The year of a refresh token runs from the first grant and is never extended, so the first end stays. */
function grantOf(token: z.infer<typeof tokenSchema>, context: VerbContext, earlier?: Grant): Grant {
  const now = context.now().getTime()
  const refreshToken = token.refresh_token ?? earlier?.refreshToken
  const refreshExpiresAt = earlier?.refreshExpiresAt ?? refreshEnd(token.refresh_token_expires_in, now)
  const scopes = token.scope?.split(/[\s,]+/).filter((scope) => scope !== '') ?? []
  return {
    accessToken: token.access_token,
    accessExpiresAt: new Date(now + (token.expires_in ?? 5_184_000) * 1_000),
    ...(refreshToken === undefined ? {} : { refreshToken }),
    ...(refreshToken === undefined || refreshExpiresAt === undefined ? {} : { refreshExpiresAt }),
    scopes: scopes.length > 0 ? scopes : (earlier?.scopes ?? context.login.scopes),
  }
}

/** A vendor sample shows 525600, which is a year in minutes while the field is in seconds (2026-09-19). */
function refreshEnd(expiresIn: number | undefined, now: number): Date | undefined {
  if (expiresIn === undefined) return undefined
  return new Date(now + (expiresIn === 525_600 ? expiresIn * 60 : expiresIn) * 1_000)
}

/** Community Management tokens get 403 from the OpenID endpoint; the others have no `/rest/me`. */
function readProfile(context: VerbContext, accessToken: string): Promise<Answer> {
  return get(context, isShareOnly(context) ? '/v2/userinfo' : '/rest/me', accessToken, profile)
}

async function whoIs(context: VerbContext, grant: Grant): Promise<Omit<Connected, 'grant'>> {
  const member = await memberOf(context, grant)
  const account = { remoteId: member.remoteId, name: member.name }
  if (isShareOnly(context)) return { account, channels: [member], isComplete: true }
  const { pages, isComplete } = await pagesOf(context, grant)
  return { account, channels: [...pages, member], isComplete }
}

async function memberOf(context: VerbContext, grant: Grant): Promise<RemoteChannel> {
  const answer = await readProfile(context, grant.accessToken)
  if (answer.status !== 200) throw profileRefused(answer)
  if (isShareOnly(context)) {
    const user = readable(userinfoSchema, answer)
    return { remoteId: `urn:li:person:${user.sub}`, kind: 'member', name: user.name ?? 'LinkedIn member' }
  }
  const me = readable(meSchema, answer)
  const name = [me.localizedFirstName, me.localizedLastName].filter((part) => part).join(' ')
  return {
    remoteId: `urn:li:person:${me.id}`,
    kind: 'member',
    name: name === '' ? 'LinkedIn member' : name,
    ...(me.vanityName ? { handle: me.vanityName, url: `https://www.linkedin.com/in/${me.vanityName}/` } : {}),
  }
}

function refusedBySilence(cause: unknown): never {
  if (!(cause instanceof NoAnswer)) throw cause
  throw connectionRefused('LinkedIn did not answer', 'Try again in a few minutes.')
}

function readable<T extends z.ZodType>(shape: T, answer: Answer): z.infer<T> {
  const parsed = shape.safeParse(answer.json)
  if (!parsed.success) throw connectionRefused('LinkedIn gave an answer that cannot be read')
  return parsed.data
}

function profileRefused(answer: Answer): LitfassError {
  const { serviceErrorCode } = problemOf(answer)
  if (answer.status === 401 && serviceErrorCode === 65_601)
    return connectionRefused('LinkedIn does not know its new token yet', 'Wait a minute and connect again.')
  return connectionRefused(`LinkedIn answered ${answer.status} when asked who connected`)
}

/** Both roles that may post; statistics stay with administrators. */
async function pagesOf(
  context: VerbContext,
  grant: Grant,
): Promise<{ pages: RemoteChannel[]; isComplete: boolean }> {
  const urns = new Set<string>()
  let isComplete = true
  for (const role of ['ADMINISTRATOR', 'CONTENT_ADMINISTRATOR']) {
    const found = await pagesByRole(context, grant.accessToken, role)
    isComplete &&= found !== null && found.length < pagesAtOnce
    for (const urn of found ?? []) urns.add(urn)
  }
  const pages: RemoteChannel[] = []
  for (const urn of urns) pages.push(await pageOf(context, grant.accessToken, urn))
  return { pages, isComplete }
}

const pagesAtOnce = 100

/** Null where this app may not ask for the role. */
export async function pagesByRole(
  context: VerbContext,
  accessToken: string,
  role: string,
  purpose: Purpose = 'connect',
): Promise<string[] | null> {
  const path = `/rest/organizationAcls?q=roleAssignee&role=${role}&state=APPROVED&count=${pagesAtOnce}`
  const answer = await get(context, path, accessToken, { ...page, purpose, restliMethod: 'FINDER' })
  // A role name this app may not ask for is no reason to lose the pages of the other.
  if (answer.status !== 200 && role !== 'ADMINISTRATOR') return null
  if (answer.status !== 200)
    throw connectionRefused(`LinkedIn answered ${answer.status} when asked for pages`)
  const acls = readable(aclsSchema, answer).elements
  return acls.flatMap((acl) => acl.organization ?? acl.organizationTarget ?? [])
}

async function pageOf(context: VerbContext, accessToken: string, urn: string): Promise<RemoteChannel> {
  const id = urn.split(':').at(-1) ?? ''
  const answer = await get(context, `/rest/organizations/${encoded(id)}`, accessToken, page)
  const parsed = organisationSchema.safeParse(answer.status === 200 ? answer.json : {})
  const { localizedName, vanityName } = parsed.success ? parsed.data : {}
  return {
    remoteId: urn,
    kind: 'organisation',
    name: localizedName ?? `Page ${id}`,
    url: `https://www.linkedin.com/company/${vanityName ?? id}/`,
    ...(vanityName === undefined ? {} : { handle: vanityName }),
  }
}

function verdict(name: string, ok: boolean, fine: string, bad: { message: string; remedy: string }): Check {
  return ok ? { name, ok, message: fine } : { name, ok, ...bad }
}

/** Only what this channel needs: a member can post without the permissions for pages. */
function missingScopes(context: VerbContext, channel: ChannelAccess): string[] {
  const needed =
    channel.kind === 'organisation' ? ['w_organization_social', 'r_organization_social'] : ['w_member_social']
  const wanted = isShareOnly(context) ? ['w_member_social'] : needed
  return wanted.filter((scope) => !channel.scopes.includes(scope))
}

function figuresCheck(channel: ChannelAccess): Check {
  const { post, channel: own } = figureScopes[channel.kind === 'organisation' ? 'page' : 'member']
  const missing = [...new Set([post, own])].filter((scope) => !channel.scopes.includes(scope))
  return verdict('figures', missing.length === 0, 'Figures can be read.', {
    message: `Posts go out, but figures need these permissions: ${missing.join(', ')}.`,
    remedy: 'Connect the account again and agree to everything LinkedIn asks.',
  })
}

/** LinkedIn ends a version after a year, for every call of everybody, and tells by mail alone. */
function versionCheck(context: VerbContext): Check {
  const known = definition.version?.value
  if (known?.endsOn === undefined || known.name !== context.version)
    return { name: 'version', ok: true, message: `API version ${context.version} is set by hand.` }
  const days = Math.floor((Date.parse(known.endsOn) - context.now().getTime()) / 86_400_000)
  return verdict('version', days > 30, `API version ${known.name} is served until ${known.endsOn}.`, {
    message: `LinkedIn ends API version ${known.name} on ${known.endsOn}.`,
    remedy: 'Update Litfass.',
  })
}

async function roleCheck(context: VerbContext, channel: ChannelAccess): Promise<Check> {
  const isIn = async (role: string) =>
    (await quietly(() => pagesByRole(context, channel.accessToken, role)))?.includes(channel.remoteId) ===
    true
  const ok = (await isIn('ADMINISTRATOR')) || (await isIn('CONTENT_ADMINISTRATOR'))
  return verdict('role', ok, 'The connected person may post on the page.', {
    message: 'The connected person has no role on the page that may post.',
    remedy: 'Ask an administrator of the page to make them administrator or content admin.',
  })
}

async function quietly<T>(run: () => Promise<T>): Promise<T | null> {
  try {
    return await run()
  } catch (cause) {
    if (cause instanceof NoAnswer || cause instanceof LitfassError) return null
    throw cause
  }
}
