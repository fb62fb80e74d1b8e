/**
 * The meter behind the door: prices each call, holds it to its budgets, and writes its two ledger entries and its
 * charge.
 */
import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import type { Budget } from '#domain/budget.ts'
import { newId } from '#domain/id.ts'
import { type Money, toMicros } from '#domain/money.ts'
import { type CallKind, priceAfter, priceBefore } from '#domain/prices.ts'
import type { NetworkDefinition } from '#networks/contract.ts'
import type { Call, Meter, Settlement } from '#networks/metered-fetch.ts'
import { type AccessRecord, createRecordWriter, recordColumns } from '#storage/access-records.ts'
import type { Handle } from '#storage/deliveries.ts'
import type { Piece } from '#storage/pieces.ts'
import { createLanes, type Lanes, type Part } from './lanes.ts'
import { readLost } from './lost-calls.ts'
import { kindOf, type NetworkPrices, type PriceBooks } from './price-books.ts'
import { termsVersionOf } from './terms.ts'
import { type Asked, askedOf, type Ended, moveBudgets, type Moved, type OverBudget } from './spending.ts'

export type MeterScope = {
  workspaceId: string
  connectionId: string | null
  deliveryId: string | null
  /** Person or job that caused the call, for example a member id or `job:deliver`. */
  actor: string
  definition: NetworkDefinition
  /** The way of signing in, and so the app. */
  login: string
  /** An answer does not wait for its settling entry; whoever uses it waits for `settled` in the end. */
  settlesBehind?: boolean
  /** Calls to a simulator stand in the ledger but cost nothing real; they are priced and held to budgets as practice. */
  isSandbox?: boolean
  now: () => Date
}

export type Charge = {
  id: string
  deliveryId: string | null
  price: Money
  /** The answer was lost, and this is what it may have cost. */
  isAssumed: boolean
  isSandbox: boolean
}
export type Entry =
  | { record: AccessRecord; asked: Asked | null }
  | { record: AccessRecord; ended: Ended; charge: Charge | null }

/** What the meter knows of a call under way. */
type Opened = {
  callId: string
  kind: CallKind
  termsVersion: string
  prices: NetworkPrices
  most: Money | null
  budgets: readonly Budget[]
  hasReserved: boolean
}

export type LedgerOptions = {
  db: Handle
  /** Where entries are written together with what else deliveries write. */
  lanes?: Lanes
  prices: PriceBooks
  now: () => Date
  /** An entry that could not be written after its call. */
  onError: (cause: unknown) => void
}

/** One ledger for a process; `scoped` gives the meter of one actor and connection. */
export function createLedger({ db, lanes = createLanes(db), prices, now, onError }: LedgerOptions) {
  // Settling entries are written in order, so the last one stands for all before it.
  let behind: Promise<void> = Promise.resolve()
  const writeOpening = lanes.departures(entryPart(createRecordWriter(db, now), now))
  const writeSettling = lanes.arrivals(entryPart(createRecordWriter(db, now), now))

  async function open(scope: MeterScope, call: Call): Promise<Opened> {
    const at = scope.now()
    const workspace = await prices.of(scope.workspaceId)
    const own = workspace.of(scope.definition.id)
    const kind = kindOf(own, {
      ...call,
      connectionId: scope.connectionId,
      on: at.toISOString().slice(0, 10),
    })
    const { amount: most } = priceBefore(
      own.book,
      kind,
      call.mostItems === undefined ? {} : { mostItems: call.mostItems },
    )
    const callId = randomUUID()
    const asked = askedOf(workspace.budgets, spenderOf(scope, call, callId, at), most)
    const termsVersion = termsVersionOf(scope.definition, workspace.termsRead)
    const record = recordOf(scope, call, { callId, kind, termsVersion, at }, { entry: 'open', price: most })
    const refusal = await writeOpening({ record, asked })
    if (refusal) throw refusal
    return {
      callId,
      kind,
      termsVersion,
      prices: own,
      most,
      budgets: workspace.budgets,
      hasReserved: asked !== null,
    }
  }

  async function settle(
    scope: MeterScope,
    call: Call,
    opened: Opened,
    settlement: Settlement,
  ): Promise<void> {
    const at = scope.now()
    const { isSandbox = false } = scope
    const { price, isAssumed } = costOf(opened, settlement)
    const charge =
      price === null || toMicros(price.amount) === 0n
        ? null
        : { id: newId('chg', at), deliveryId: scope.deliveryId, price, isAssumed, isSandbox }
    const record = recordOf(scope, call, { ...opened, at }, { entry: 'settle', price, settlement })
    const { callId, budgets, hasReserved } = opened
    const spender = spenderOf(scope, call, callId, at)
    const ended: Ended = {
      callId,
      workspaceId: scope.workspaceId,
      spent: charge?.price ?? null,
      isSandbox,
      hasReserved,
      budgets: askedOf(budgets, spender, opened.most ?? charge?.price ?? null)?.budgets ?? [],
      at,
    }
    await writeSettling({ record, ended, charge })
  }

  return {
    /** Where it writes. */
    lanes,
    scoped: (scope: MeterScope): Meter => ({
      open: (call) => open(scope, call),
      settle: async (call, opened, settlement) => {
        const written = settle(scope, call, opened as Opened, settlement)
        if (!scope.settlesBehind) return written
        behind = written.catch(onError)
      },
    }),
    /** Settles, once, what processes that died left open. */
    settleLost: async () => {
      const at = now()
      await Promise.all((await readLost(db, at)).map(writeSettling))
    },
    /** Resolves when every settling entry so far is written. */
    settled: () => behind,
  }
}

export type Ledger = ReturnType<typeof createLedger>

/**
 * What a call cost by what came back. Failed requests are free where prices are known (X pricing page, read
 * 2026-11-23). A request that left and whose answer is lost is taken to have cost the most it could: a budget must
 * not be passed because nobody knows.
 */
function costOf(
  { prices, kind, most }: Opened,
  { status, items, freshItems, wasSent, isUnread }: Settlement,
): { price: Money | null; isAssumed: boolean } {
  if (status === null) return { price: wasSent ? most : null, isAssumed: wasSent }
  if (status >= 400) return { price: null, isAssumed: false }
  const counted = { items, ...(freshItems === undefined ? {} : { freshItems }) }
  const { amount: price } = priceAfter(prices.book, kind, counted)
  prices.count(kind, counted)
  const isGuess = isUnread === true && most !== null && price !== null && most.amount !== price.amount
  return isGuess ? { price: most, isAssumed: true } : { price, isAssumed: false }
}

/** Who asks its budgets for a call. */
function spenderOf(
  { workspaceId, connectionId, deliveryId, definition, isSandbox = false }: MeterScope,
  { purpose }: Call,
  callId: string,
  at: Date,
) {
  return { callId, workspaceId, deliveryId, isSandbox, at, network: definition.id, connectionId, purpose }
}

type Told = { entry: 'open' | 'settle'; price: Money | null; settlement?: Settlement }

function recordOf(
  { workspaceId, connectionId, actor, definition, login }: MeterScope,
  call: Call,
  { callId, kind, termsVersion, at }: { callId: string; kind: CallKind; termsVersion: string; at: Date },
  { entry, price, settlement }: Told,
): AccessRecord {
  return {
    workspaceId,
    callId,
    kind: entry,
    connectionId,
    network: definition.id,
    login,
    endpointClass: call.endpointClass,
    dataClass: call.dataClass,
    purpose: call.purpose,
    actor,
    at,
    amount: price?.amount ?? null,
    currency: price?.currency ?? null,
    outcome: settlement === undefined ? null : settlement.wasSent ? settlement.outcome : 'not-sent',
    status: settlement?.status ?? null,
    items: settlement?.items ?? null,
    termsVersion,
    waitedMs: settlement?.waitedMs ?? null,
    plan: kind.plan,
    hasLink: kind.hasLink ?? null,
    isOwned: kind.isOwned ?? null,
    isSummoned: kind.isSummoned ?? null,
    freshItems: settlement?.freshItems ?? null,
  }
}

type Writer = ReturnType<typeof createRecordWriter>

/** Budgets, entries and charges together, or none of them. Gives the refusal of an opening that a budget has no room for. */
function entryPart(writer: Writer, now: () => Date): Part<Entry, OverBudget | null> {
  const concernsBudgets = (entries: readonly Entry[]) => askedIn(entries).length + endedIn(entries).length > 0
  return {
    needsTransaction: concernsBudgets,
    ready: async (handle, entries) => {
      const { refused, settledBefore } = concernsBudgets(entries)
        ? await moveBudgets(handle, askedIn(entries), endedIn(entries), now())
        : unmoved
      const written = entries.filter(
        ({ record: { kind, callId } }) => !(kind === 'settle' ? settledBefore : refused).has(callId),
      )
      const { rows, kept, lost } = await writer.chained(
        handle,
        written.map(({ record }) => record),
      )
      return {
        pieces:
          rows.length === 0 ? [] : [recordPiece(rows.map((row, index) => withCharge(row, written[index])))],
        lost,
        kept: () => {
          kept()
          return ({ record }) => (record.kind === 'open' ? (refused.get(record.callId) ?? null) : null)
        },
      }
    },
  }
}

const unmoved: Moved = { refused: new Map(), settledBefore: new Set() }

function askedIn(entries: readonly Entry[]): Asked[] {
  return entries.flatMap((entry) => ('asked' in entry && entry.asked ? [entry.asked] : []))
}

/** Those that a budget counts. */
function endedIn(entries: readonly Entry[]): Ended[] {
  return entries.flatMap((entry) =>
    'ended' in entry && (entry.ended.hasReserved || entry.ended.budgets.length > 0) ? [entry.ended] : [],
  )
}

/** Adds to a row of its own: a copy of each would cost as much as making it. */
function withCharge(row: Record<string, unknown>, entry: Entry | undefined): Record<string, unknown> {
  if (entry === undefined || !('charge' in entry) || entry.charge === null) return row
  const { id, deliveryId, isAssumed, isSandbox } = entry.charge
  return Object.assign(row, {
    charge_id: id,
    delivery_id: deliveryId,
    is_assumed: isAssumed,
    is_sandbox: isSandbox,
  })
}

function recordPiece(rows: ReadonlyArray<Record<string, unknown>>): Piece {
  return {
    ctes: sql`e as (
        select * from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as e (${recordColumns.types},
          charge_id text, delivery_id text, is_assumed boolean, is_sandbox boolean)
      ), charged as (
        insert into charge (id, workspace_id, delivery_id, connection_id, network, endpoint_class, purpose, amount, currency,
          at, is_assumed, is_sandbox)
        select charge_id, workspace_id, delivery_id, connection_id, network, endpoint_class, purpose, amount, currency, at,
          is_assumed, is_sandbox
        from e where charge_id is not null
      ), recorded as (
        insert into access_record (${recordColumns.names}) select ${recordColumns.names} from e
      )`,
  }
}
