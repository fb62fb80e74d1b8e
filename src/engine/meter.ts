/** The meter behind the door: prices each call, and writes its two ledger entries and its charge. */
import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { newId } from '#domain/id.ts'
import { type Money, timesMoney } from '#domain/money.ts'
import type { NetworkDefinition } from '#networks/contract.ts'
import type { Call, Meter } from '#networks/metered-fetch.ts'
import type { Handle } from '#storage/deliveries.ts'
import { createBatcher } from './batcher.ts'

export type MeterScope = {
  workspaceId: string
  connectionId: string | null
  deliveryId: string | null
  /** Person or job that caused the call, for example a member id or `job:deliver`. */
  actor: string
  definition: NetworkDefinition
  /** An answer does not wait for its settling entry; whoever uses it waits for `settled` in the end. */
  settlesBehind?: boolean
  /** Sandbox calls stand in the ledger but cost nothing real; they are priced all the same, as practice. */
  now: () => Date
}

type Entry = {
  kind: 'open' | 'settle'
  callId: string
  scope: MeterScope
  call: Call
  at: Date
  price: Money | null
  outcome: string | null
  status: number | null
  items: number | null
}

/** The price of a call by the definition's price list, or null where none is known. */
export function priceOf(
  definition: NetworkDefinition,
  call: Pick<Call, 'endpointClass' | 'hasLink'>,
  items: number,
  on: string,
): Money | null {
  const entry = definition.prices.value.find(
    (price) =>
      price.endpointClass === call.endpointClass &&
      (price.hasLink === undefined || price.hasLink === (call.hasLink ?? false)) &&
      price.from <= on &&
      (price.to === undefined || on < price.to),
  )
  if (!entry) return null
  return entry.per === 'item' ? timesMoney(entry.price, items) : entry.price
}

/** One ledger for a process; `scoped` gives the meter of one actor and connection. */
export function createLedger(db: Handle, onError: (cause: unknown) => void) {
  // Entries are written in order, so the last one stands for all before it.
  let behind: Promise<void> = Promise.resolve()
  const write = createBatcher<Entry, void>(async (entries) => {
    await writeEntries(db, entries)
    return () => undefined
  })
  return {
    scoped: (scope: MeterScope): Meter => ({
      open: async (call) => {
        const callId = randomUUID()
        await write({
          kind: 'open',
          callId,
          scope,
          call,
          at: scope.now(),
          price: null,
          outcome: null,
          status: null,
          items: null,
        })
        return callId
      },
      settle: async (call, callId, settlement) => {
        const at = scope.now()
        // Failed requests are free where prices are known (X pricing page, read 2026-11-23).
        const isBilled = settlement.status !== null && settlement.status < 400
        const price = isBilled
          ? priceOf(scope.definition, call, settlement.items, at.toISOString().slice(0, 10))
          : null
        const written = write({
          kind: 'settle',
          callId: String(callId),
          scope,
          call,
          at,
          price,
          outcome: settlement.outcome,
          status: settlement.status,
          items: settlement.items,
        })
        if (!scope.settlesBehind) return written
        behind = written.catch(onError)
      },
    }),
    /** Resolves when every settling entry so far is written. */
    settled: () => behind,
  }
}

export type Ledger = ReturnType<typeof createLedger>

async function writeEntries(db: Handle, entries: readonly Entry[]): Promise<void> {
  const rows = entries.map(({ kind, callId, scope, call, at, price, outcome, status, items }) => ({
    workspace_id: scope.workspaceId,
    call_id: callId,
    kind,
    connection_id: scope.connectionId,
    network: scope.definition.id,
    endpoint_class: call.endpointClass,
    data_class: call.dataClass,
    purpose: call.purpose,
    actor: scope.actor,
    at,
    amount: price?.amount ?? null,
    currency: price?.currency ?? null,
    outcome,
    status,
    items,
    charge_id: price === null ? null : newId('chg', at),
    delivery_id: scope.deliveryId,
  }))
  await sql`
    with e as (
      select * from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as e (
        workspace_id text, call_id text, kind text, connection_id text, network text, endpoint_class text, data_class text,
        purpose text, actor text, at timestamptz, amount numeric, currency text, outcome text, status integer, items integer,
        charge_id text, delivery_id text)
    ), charged as (
      insert into charge (id, workspace_id, delivery_id, connection_id, network, endpoint_class, purpose, amount, currency, at)
      select charge_id, workspace_id, delivery_id, connection_id, network, endpoint_class, purpose, amount, currency, at
      from e where charge_id is not null and amount > 0
    )
    insert into access_record (workspace_id, call_id, kind, connection_id, network, endpoint_class, data_class, purpose, actor,
      at, amount, currency, outcome, status, items)
    select workspace_id, call_id, kind, connection_id, network, endpoint_class, data_class, purpose, actor, at, amount,
      currency, outcome, status, items from e`.execute(db)
}
