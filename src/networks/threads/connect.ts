/** Signing in, renewing, and saying in plain words whether a profile is ready. */
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
  RefreshOutcome,
  VerbContext,
} from '../contract.ts'
import { callGraph, debugAnswer } from '../graph-call.ts'
import {
  authorizeUrlOf,
  grantAsTold,
  longTokenOf,
  quotaCheck,
  readGraph,
  refusedBecause,
  renewOwnToken,
  scopeCheck,
  tokenCheck,
  type TokenNetwork,
  versionCheck,
} from '../graph-tokens.ts'
import { codeAnswer, meAnswer } from './api.ts'
import { definition } from './definition.ts'
import { threadsRows } from './errors.ts'

const network: TokenNetwork = { name: definition.name, rows: threadsRows, graph: callGraph }
const assumedQuota = 250

export function authorizeUrl(
  login: LoginMethod,
  hosts: NetworkHosts,
  _version: string,
  request: AuthorizeRequest,
): string {
  return authorizeUrlOf(hosts.authorizeUrl, login, request)
}

export async function connect(context: VerbContext, exchange: CodeExchange): Promise<Connected> {
  // Threads hangs `#_` behind the redirect, which is no part of the code.
  const code = exchange.code.replace(/#_$/, '')
  const { accessToken, accessExpiresAt } = await longTokenOf(
    network,
    context,
    codeAnswer,
    { ...exchange, code },
    'th_exchange_token',
  )
  return adopt(context, { accessToken, accessExpiresAt, scopes: context.login.scopes }, exchange.app)
}

/** The one channel is the profile that signed in. */
export async function adopt(
  context: VerbContext,
  grant: Grant,
  _app: AppCredentials | null,
): Promise<Connected> {
  const fields = { fields: 'id,username' }
  const { id, username } = await readGraph(network, context, meAnswer, grant.accessToken, '/me', fields)
  const url = `https://www.threads.net/@${username}`
  const known = await inspected(context, grant)
  if (!known) throw refusedBecause('The token is not valid any more')
  return {
    grant: known,
    account: { remoteId: id, name: username },
    channels: [{ remoteId: id, kind: 'profile', name: username, handle: username, url }],
    isComplete: true,
  }
}

/**
 * The scopes really given and how long access lasts, as far as Threads tells; without it the grant stays as it
 * is. Null where the token is not valid.
 */
async function inspected(context: VerbContext, grant: Grant): Promise<Grant | null> {
  const { accessToken } = grant
  try {
    const params = { input_token: accessToken }
    const told = await readGraph(network, context, debugAnswer, accessToken, '/debug_token', params)
    return grantAsTold(grant, told)
  } catch (cause) {
    if (cause instanceof LitfassError) return grant
    throw cause
  }
}

/** A renewed token prolongs the permissions too, so when they end is asked for again. */
export async function refresh(
  context: VerbContext,
  grant: Grant,
  _app: AppCredentials,
): Promise<RefreshOutcome> {
  const outcome = await renewOwnToken(network, context, grant, 'th_refresh_token')
  if (outcome.kind !== 'refreshed') return outcome
  const { dataAccessExpiresAt: _, ...renewed } = outcome.grant
  return { kind: 'refreshed', grant: (await inspected(context, renewed)) ?? renewed }
}

export async function check(context: VerbContext, channel: ChannelAccess): Promise<Check[]> {
  const token = await tokenCheck(network, context, channel, '/me')
  const checks = [token, scopeCheck(context, channel, [])]
  if (token.ok)
    checks.push(await quotaCheck(network, context, channel, 'threads_publishing_limit', assumedQuota))
  return [...checks, versionCheck(definition, context)]
}
