/** What networks counted of our use, beside what the ledger counted in the same window, and how far apart the two are. */
import { sql } from 'kysely'
import { sandboxServer } from '#domain/breaker.ts'
import { LitfassError } from '#domain/errors.ts'
import type { Counter, UsageOutcome } from '#networks/counters.ts'
import type { LoginMethod, Network, VerbContext } from '#networks/contract.ts'
import { createMeteredFetch } from '#networks/metered-fetch.ts'
import { type Comparison, countForCounters, type NamedCounter, readCounters } from '#storage/counters.ts'
import { appTokenOf, noAppToken } from './app-tokens.ts'
import { openChannel } from './channel-access.ts'
import { requireRole } from './permissions.ts'
import type { Actor, System } from './system.ts'

export type UsageView = Pick<Counter, 'what' | 'unit' | 'of' | 'toldBy' | 'isWithAnswers'> & {
  network: string
  counter: string
  connectionId: string | null
  connectionName: string | null
  channelId: string | null
  channelName: string | null
  sandbox: boolean
  endpointClass: string | null
  /** As the network told it. */
  used: number
  limit: number | null
  resetsAt: Date | null
  toldAt: Date
  /** Since when it is counted; null where the network does not say. */
  from: Date | null
  /** What the ledger counted from then until it was told; null where it has nothing to compare. */
  ours: number | null
  /** Theirs less ours; null where one of them is no number of the same thing. */
  drift: number | null
  source: string
  readOn: string
}

const day = 86_400_000
/** What was told longer ago is of no use to anybody. */
const shownMs = 31 * day

export async function listUsage(system: System, actor: Actor): Promise<UsageView[]> {
  await Promise.all([system.counters.flush(), system.ledger.settled()])
  const now = system.now().getTime()
  const found = (await readCounters(system.db, actor.workspaceId)).flatMap((row) => {
    const definition = system.networks.find((one) => one.definition.id === row.network)?.definition
    const counter = definition?.counters.value.find(({ name }) => name === row.counter)
    if (!definition || !counter || isOld(row, counter, now)) return []
    return [{ row, counter, definition, from: beginOf(row, counter) }]
  })
  const asked = found.flatMap(({ row, counter, from }, number) => comparisonOf(row, counter, from, number))
  const counted = await countForCounters(system.db, actor.workspaceId, asked)
  return found.map(({ row, counter, definition, from }, number) => {
    const { what, unit, of, toldBy, isWithAnswers, ours: compare } = counter
    const {
      workspaceId: _,
      login: _login,
      server,
      channelsOfConnection: _channels,
      isAlone: _alone,
      ...told
    } = row
    const ours = compare === null ? null : (counted.get(number)?.[compare.counts] ?? null)
    return {
      ...told,
      what,
      unit,
      of,
      toldBy,
      isWithAnswers,
      sandbox: server === sandboxServer,
      from,
      ours,
      drift: unit === 'count' && ours !== null ? row.used - ours : null,
      source: definition.counters.source,
      readOn: definition.counters.readOn,
    }
  })
}

function isOld({ toldAt, resetsAt }: NamedCounter, { window }: Counter, now: number): boolean {
  if (window?.kind === 'utc-month') return toldAt.getTime() < startOfMonth(new Date(now)).getTime()
  const end = window?.kind === 'fixed' ? (resetsAt ?? toldAt).getTime() + day : toldAt.getTime() + shownMs
  return end < now
}

/** A reset is told in whole seconds, so a window that is not aligned may have begun up to one earlier. */
function beginOf({ toldAt, resetsAt }: NamedCounter, { window }: Counter): Date | null {
  if (window === null) return null
  if (window.kind === 'utc-month') return startOfMonth(toldAt)
  const lengthMs = window.seconds * 1_000
  if (window.isAligned === true && resetsAt !== null)
    return new Date((Math.floor(resetsAt.getTime() / lengthMs) - 1) * lengthMs)
  const end = window.kind === 'fixed' && resetsAt !== null ? resetsAt.getTime() - 1_000 : toldAt.getTime()
  return new Date(end - lengthMs)
}

function startOfMonth(at: Date): Date {
  return new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), 1))
}

/** The ledger knows accounts, not pages: with several pages in one account there is nothing to compare. */
function comparisonOf(
  row: NamedCounter,
  { ours, of }: Counter,
  from: Date | null,
  number: number,
): Comparison[] {
  if (ours === null || from === null || (of === 'channel' && row.channelsOfConnection !== 1)) return []
  const classes = ours.of === 'told' ? [row.endpointClass ?? ''] : ours.of === 'all' ? null : ours.of
  const { login, server, connectionId, isAlone, toldAt } = row
  return [{ number, login, server, connectionId, withUnnamed: isAlone, classes, from, to: toldAt }]
}

/** What a network was asked for and did not tell. */
export type NotTold = { network: string; channelId: string | null; sandbox: boolean; message: string }

/** Asks every network that has an endpoint for it. */
export async function askUsage(system: System, actor: Actor): Promise<NotTold[]> {
  requireRole(actor, 'admin')
  const asked = { workspaceId: actor.workspaceId, actor: actor.memberId }
  const notTold: NotTold[] = []
  for (const one of await appsInUse(system, actor.workspaceId)) {
    const outcome = await askApp(system, asked, one)
    if (outcome.kind === 'not-told')
      notTold.push({ ...placeOf(one), channelId: null, message: outcome.message })
  }
  const channels = await channelsToAsk(system, actor.workspaceId)
  for (let start = 0; start < channels.length; start += channelsAtOnce)
    await Promise.all(
      channels.slice(start, start + channelsAtOnce).map(async (one) => {
        const outcome = await askChannel(system, asked, one)
        if (outcome.kind === 'not-told')
          notTold.push({ ...placeOf(one), channelId: one.channelId, message: outcome.message })
      }),
    )
  return notTold
}

const channelsAtOnce = 4
/** More than anybody looks through at once. */
const channelsAtMost = 100

type Asked = { workspaceId: string; actor: string }
type Place = { network: Network; login: LoginMethod; server: string }

function placeOf({ network, server }: Place) {
  return { network: network.definition.id, sandbox: server === sandboxServer }
}

/** Logins with a counter of the app's, at every server where an account of this workspace is. */
async function appsInUse(system: System, workspaceId: string): Promise<Place[]> {
  const { rows } = await sql<{ login: string; server: string }>`select distinct login, server from connection
    where workspace_id = ${workspaceId} and state = 'active' order by login, server`.execute(system.db)
  return rows.flatMap(({ login, server }) => {
    const known = system.loginById(login)
    return known?.network.usage?.of === 'app' ? [{ ...known, server }] : []
  })
}

async function askApp(system: System, asked: Asked, place: Place): Promise<UsageOutcome> {
  const { network, login, server } = place
  const token = await appTokenOf(system, asked.workspaceId, login, server === sandboxServer)
  if (token === null) return { kind: 'not-told', message: noAppToken(login) }
  if (network.usage?.of !== 'app') throw new Error(`${network.definition.id} tells nothing of the app`)
  return network.usage.ask(appContext(system, asked, place), token)
}

function appContext(system: System, { workspaceId, actor }: Asked, place: Place): VerbContext {
  const { network, login, server } = place
  const { now } = system
  const hosts = system.hostsOf(network, login, server === sandboxServer)
  const { definition } = network
  const scope = { workspaceId, connectionId: null, login: login.id, now }
  const meter = system.ledger.scoped({ ...scope, deliveryId: null, actor, definition })
  const pace = system.counters.scoped({ ...scope, network, server, channel: null })
  return {
    login,
    hosts,
    version: definition.version?.value.name ?? '',
    fetch: createMeteredFetch(meter, system.allowsPrivateHosts ? null : hosts, pace),
    now,
    app: async () => null,
  }
}

type ChannelToAsk = Place & { channelId: string }

async function channelsToAsk(system: System, workspaceId: string): Promise<ChannelToAsk[]> {
  const logins = system.networks.flatMap(({ definition, usage }) =>
    usage?.of === 'channel' ? definition.logins.map(({ id }) => id) : [],
  )
  const { rows } = await sql<{ channelId: string; login: string; server: string }>`
    select c.id as "channelId", k.login, k.server from channel c join connection k on k.id = c.connection_id
    where c.workspace_id = ${workspaceId} and c.state = 'active' and k.state = 'active' and k.login = any(${logins}::text[])
    order by c.id limit ${channelsAtMost}`.execute(system.db)
  return rows.flatMap(({ login, ...row }) => {
    const known = system.loginById(login)
    return known ? [{ ...row, ...known }] : []
  })
}

async function askChannel(system: System, asked: Asked, { channelId }: ChannelToAsk): Promise<UsageOutcome> {
  try {
    const { network, context, access } = await openChannel(system, { ...asked, channelId, deliveryId: null })
    if (network.usage?.of !== 'channel')
      throw new Error(`${network.definition.id} tells nothing of a channel`)
    return await network.usage.ask(context, access)
  } catch (cause) {
    if (cause instanceof LitfassError) return { kind: 'not-told', message: cause.message }
    throw cause
  }
}

const askEveryMs = day
/** Networks let an app ask so many times in a while only, and workspaces may share one. */
const appsPerRun = 10

/** Once a day for each app, so that what drifts apart is seen without anybody asking. */
export async function askAppsDaily(system: System, onError: (cause: unknown) => void): Promise<void> {
  const logins = system.networks.flatMap(({ definition, usage }) =>
    usage?.of === 'app' ? definition.logins : [],
  )
  const { rows } = await sql<{ workspaceId: string; login: string; server: string }>`
    select distinct k.workspace_id as "workspaceId", k.login, k.server from connection k
    where k.state = 'active' and k.login = any(${logins.map(({ id }) => id)}::text[])
      and not exists (select 1 from access_record r where r.workspace_id = k.workspace_id and r.login = k.login
        and r.actor = ${dailyActor} and r.at >= ${new Date(system.now().getTime() - askEveryMs)})
    order by 1, 2, 3`.execute(system.db)
  let left = appsPerRun
  for (const { workspaceId, login, server } of rows) {
    const known = system.loginById(login)
    if (left === 0 || !known) continue
    const isSandbox = server === sandboxServer
    if ((await appTokenOf(system, workspaceId, known.login, isSandbox)) === null) continue
    left -= 1
    await askApp(system, { workspaceId, actor: dailyActor }, { ...known, server }).catch(onError)
  }
}

const dailyActor = 'job:usage'
