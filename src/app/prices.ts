/** The price book of a workspace: shipped prices, its own laid over them, and the plan it is on at each network. */
import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import type { z } from 'zod'
import type { networkPlan, price, priceEntry } from '#contract/prices.ts'
import { LitfassError } from '#domain/errors.ts'
import { newId } from '#domain/id.ts'
import { conditionNames, isInForce, monthlyFee, type PriceBook, type PriceEntry } from '#domain/prices.ts'
import type { NetworkPrices } from '#engine/price-books.ts'
import type { NetworkDefinition } from '#networks/contract.ts'
import {
  deleteOverride,
  type OwnPrices,
  type PriceOverride,
  readOwnPrices,
  writeOverrides,
  writePlan,
} from '#storage/prices.ts'
import { requireRole } from './permissions.ts'
import type { Actor, System } from './system.ts'

export type PriceInput = z.output<typeof priceEntry>
export type PriceView = Omit<z.output<typeof price>, 'entry' | 'updatedAt'> & {
  entry: PriceEntry
  updatedAt: Date | null
}
export type PlanView = z.output<typeof networkPlan>
export type Issue = { path: string; message: string }

/** More than any book ships; every process holds them in memory. */
const ownAtMost = 500
/** Plans nobody ships begin so, so that a mistyped plan is no new one. */
const ownPlanPrefix = 'own-'

export const dayOf = (instant: Date) => instant.toISOString().slice(0, 10)

export async function listPrices(
  system: System,
  actor: Actor,
  {
    network,
    plan,
    on = dayOf(system.now()),
  }: { network?: string | undefined; plan?: string | undefined; on?: string | undefined },
): Promise<{ on: string; networks: PlanView[]; items: PriceView[] }> {
  const [own, prices] = await Promise.all([
    readOwnPrices(system.db, actor.workspaceId),
    system.prices.of(actor.workspaceId),
  ])
  const definitions = definitionsOf(system, network)
  return {
    on,
    networks: definitions.map((definition) => planView(definition, prices.of(definition.id), own, on)),
    items: definitions.flatMap((definition) => {
      const views = viewsOf(definition, prices.of(definition.id), own, on)
      return views.filter(({ entry }) => plan === undefined || entry.plan === plan)
    }),
  }
}

function definitionsOf(system: System, network: string | undefined): NetworkDefinition[] {
  const all = system.networks.map(({ definition }) => definition)
  return network === undefined ? all : [findDefinition(system, network)]
}

/** Throws `network_unknown`. */
export function findDefinition(system: Pick<System, 'networks'>, id: string): NetworkDefinition {
  const found = system.networks.find(({ definition }) => definition.id === id)
  if (found) return found.definition
  throw new LitfassError('network_unknown', `There is no network ${id}`, {
    remedy: `Use one of: ${system.networks.map(({ definition }) => definition.id).join(', ')}.`,
  })
}

function viewsOf(
  { id, priceBook }: NetworkDefinition,
  { book, plan }: NetworkPrices,
  { overrides }: OwnPrices,
  on: string,
): PriceView[] {
  const own = new Map(overrides.filter(({ network }) => network === id).map((one) => [one.entry.key, one]))
  const shippedKeys = new Set(priceBook.entries.map(({ key }) => key))
  return book.entries.map((entry) => {
    const override = book.ownKeys.has(entry.key) ? own.get(entry.key) : undefined
    return {
      network: id,
      entry,
      origin: override ? 'own' : 'shipped',
      id: override?.id ?? null,
      replacesShipped: override !== undefined && shippedKeys.has(entry.key),
      isInForce: entry.plan === plan && isInForce(entry, on),
      updatedAt: override?.updatedAt ?? null,
    }
  })
}

function planView(
  { id, name }: NetworkDefinition,
  { book, plan, owners }: NetworkPrices,
  { plans }: OwnPrices,
  on: string,
): PlanView {
  return {
    network: id,
    name,
    currency: book.currency,
    plan,
    isChosen: plans.some(({ network }) => network === id),
    plans: book.plans.map((one) => ({ ...one, monthlyFee: monthlyFee(book, one.id, on) })),
    dependsOnOwner: book.entries.some((entry) => 'when' in entry && entry.when?.isOwned !== undefined),
    owners: [...owners],
    calls: callsOf(book),
  }
}

function callsOf({ entries }: PriceBook): string[] {
  return [...new Set(entries.flatMap((entry) => ('calls' in entry ? entry.calls : [])))].sort()
}

/** Puts a price of the workspace's own in place. */
export async function setPrice(
  system: System,
  actor: Actor,
  input: { network: string; entry: PriceInput },
): Promise<PriceView> {
  requireRole(actor, 'admin')
  const { priceBook } = findDefinition(system, input.network)
  const issues = entryProblems(priceBook, input.entry)
  if (issues.length > 0)
    throw refusal(issues.map(({ path, message }) => ({ path: `entry.${path}`, message })))
  const entry = keyed(input.entry)
  await saveOwn(system, actor, [{ network: input.network, entry }])
  const { items } = await listPrices(system, actor, { network: input.network })
  const view = items.find((one) => one.id !== null && one.entry.key === entry.key)
  if (!view) throw new Error(`the price ${entry.key} was written and is in no list`)
  return view
}

/** Throws `prices_invalid` with every reason. */
export function refusal(issues: readonly Issue[]): LitfassError {
  const [first, ...others] = issues
  const message = others.length === 0 ? (first?.message ?? '') : `${issues.length} things are not right`
  return new LitfassError('prices_invalid', message, {
    remedy: 'Correct what is named; nothing was changed.',
    issues,
  })
}

/** What a shape cannot tell: whether the network's book knows the plan and the calls. */
export function entryProblems(book: PriceBook, entry: PriceInput): Issue[] {
  const issues: Issue[] = []
  const plans = book.plans.map(({ id }) => id)
  if (!plans.includes(entry.plan) && !entry.plan.startsWith(ownPlanPrefix)) {
    const message = `${entry.plan} is none of the plans ${plans.join(', ')}; one of your own begins with ${ownPlanPrefix}`
    issues.push({ path: 'plan', message })
  }
  const known = callsOf(book)
  for (const [index, call] of ('calls' in entry ? entry.calls : []).entries()) {
    if (!known.includes(call))
      issues.push({ path: `calls.${index}`, message: `${call} is no kind of call that the price book names` })
  }
  return issues
}

/** The same price written twice is one, so its key follows from what it is about. */
export function keyed(input: PriceInput): PriceEntry {
  const { plan, unit, from } = input
  const about = [
    'calls' in input ? [...input.calls].sort() : [],
    'when' in input ? conditionNames.map((name) => input.when?.[name] ?? null) : [],
    'window' in input ? [input.counts, input.window] : [],
    from ?? null,
  ]
  const digest = createHash('sha256').update(JSON.stringify(about)).digest('hex').slice(0, 12)
  // Without what is undefined, as it is stored.
  return JSON.parse(JSON.stringify({ key: `own:${plan}:${unit}:${digest}`, ...input })) as PriceEntry
}

/** All of them or none. Throws where the workspace would have too many. */
export async function saveOwn(
  system: System,
  actor: Actor,
  entries: ReadonlyArray<Pick<PriceOverride, 'network' | 'entry'>>,
): Promise<void> {
  const at = system.now()
  const { overrides } = await readOwnPrices(system.db, actor.workspaceId)
  const nameOf = ({ network, entry }: Pick<PriceOverride, 'network' | 'entry'>) => `${network} ${entry.key}`
  const after = new Set([...overrides, ...entries].map(nameOf))
  if (after.size > ownAtMost) {
    throw refusal([{ path: 'entry', message: `there can be ${ownAtMost} prices of your own at most` }])
  }
  const change = { workspaceId: actor.workspaceId, by: actor.memberId, at }
  const rows = entries.map(({ network, entry }) => ({ id: newId('prc', at), network, entry }))
  await writeOverrides(system.db, change, rows)
  system.prices.forget(actor.workspaceId)
}

export async function removePrice(system: System, actor: Actor, id: string): Promise<void> {
  requireRole(actor, 'admin')
  if (!(await deleteOverride(system.db, actor.workspaceId, id))) {
    throw new LitfassError('not_found', `There is no price ${id} of your own`, {
      remedy: 'List the prices; shipped ones cannot be removed, only replaced.',
    })
  }
  system.prices.forget(actor.workspaceId)
}

/** `owners` absent leaves them as they are. */
export async function choosePlan(
  system: System,
  actor: Actor,
  input: { network: string; plan: string; owners?: readonly string[] | undefined },
): Promise<PlanView> {
  requireRole(actor, 'admin')
  const definition = findDefinition(system, input.network)
  const { book, owners } = (await system.prices.of(actor.workspaceId)).of(definition.id)
  if (!book.plans.some(({ id }) => id === input.plan)) {
    const known = book.plans.map(({ id }) => id).join(', ')
    throw refusal([{ path: 'plan', message: `${input.plan} is none of the plans ${known}` }])
  }
  if (input.owners !== undefined) await requireConnections(system, actor, definition.id, input.owners)
  const change = { workspaceId: actor.workspaceId, by: actor.memberId, at: system.now() }
  await writePlan(system.db, change, {
    network: definition.id,
    plan: input.plan,
    owners: [...(input.owners ?? owners)],
  })
  system.prices.forget(actor.workspaceId)
  const { networks } = await listPrices(system, actor, { network: definition.id })
  const [view] = networks
  if (!view) throw new Error(`the plan of ${definition.id} is in no list`)
  return view
}

async function requireConnections(
  system: System,
  actor: Actor,
  network: string,
  ids: readonly string[],
): Promise<void> {
  const { rows } = await sql<{ id: string }>`select id from connection
    where workspace_id = ${actor.workspaceId} and network = ${network} and id = any(${ids}::text[])`.execute(
    system.db,
  )
  const stranger = ids.find((id) => !rows.some((row) => row.id === id))
  if (stranger === undefined) return
  throw new LitfassError('not_found', `There is no connection ${stranger} to this network`, {
    remedy: 'List the connections and name one of this network.',
  })
}
