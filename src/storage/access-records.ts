/**
 * The access ledger at rest: who asked a network for what, when, why and at what price. No content and no ids of
 * network data; it outlives every purge.
 *
 * It is append-only and chained. A chain belongs to one process and one workspace, so that writers never wait for each
 * other; each entry's hash covers its fields and the hash before it. A chain's first hash covers where the workspace's
 * other chains stood, so an end that is cut off is missed by the chains begun later, and by an anchor kept elsewhere.
 */
import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import { newId } from '#domain/id.ts'
import { fromMicros, toMicros } from '#domain/money.ts'
import type { Handle } from './deliveries.ts'
import { storable } from './storable.ts'

export type AccessRecord = {
  workspaceId: string
  callId: string
  kind: 'open' | 'settle'
  connectionId: string | null
  network: string
  login: string | null
  endpointClass: string
  dataClass: string
  purpose: string
  /** Person or job, for example a member id or `job:deliver`. */
  actor: string
  at: Date
  /** Decimal, or null where no price is known or none is due. */
  amount: string | null
  currency: string | null
  outcome: string | null
  /** HTTP status. */
  status: number | null
  /** Items of network data that came back. */
  items: number | null
  termsVersion: string | null
  waitedMs: number | null
  plan: string | null
  hasLink: boolean | null
  isOwned: boolean | null
  isSummoned: boolean | null
  freshItems: number | null
}

/** Where a chain stands. */
export type Head = { chainId: string; number: number; hash: string }

/** Changes whenever what is hashed does; entries keep the format they were written with by their chain's prefix. */
const format = 'v1'

/** Hash of an entry behind `previous`, over everything that is kept of it. */
export function hashOf(previous: string, chainId: string, number: number, record: AccessRecord): string {
  return digest([
    format,
    previous,
    chainId,
    number,
    record.workspaceId,
    record.callId,
    record.kind,
    record.connectionId,
    record.network,
    record.login,
    record.endpointClass,
    record.dataClass,
    record.purpose,
    record.actor,
    record.at.toISOString(),
    record.amount === null ? null : fromMicros(toMicros(record.amount)),
    record.currency,
    record.outcome,
    record.status,
    record.items,
    record.termsVersion,
    record.waitedMs,
    record.plan,
    record.hasLink,
    record.isOwned,
    record.isSummoned,
    record.freshItems,
  ])
}

/** The hash a chain starts from. */
export function startHashOf(chain: Chain): string {
  const previous = chain.previous.map(({ chainId, number, hash }) => [chainId, number, hash])
  return digest([format, chain.id, chain.workspaceId, chain.startedAt.toISOString(), previous])
}

function digest(parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex')
}

export type Chain = { id: string; workspaceId: string; startedAt: Date; previous: readonly Head[] }

/** So many of the workspace's last chains does a new one vouch for. */
const vouchedFor = 50

/** Where a workspace's chains stand, the latest first. */
export async function headsOf(db: Handle, workspaceId: string, limit: number | null = null): Promise<Head[]> {
  const { rows } = await sql<Head>`
    select c.id as "chainId", last.number::int as number, last.hash
    from (select id, started_at from ledger_chain where workspace_id = ${workspaceId}
      order by started_at desc, id desc limit ${limit}) c,
      lateral (select number, hash from access_record where chain_id = c.id order by number desc limit 1) last
    order by c.started_at desc, c.id desc`.execute(db)
  return rows
}

/** Appends in order. One writer for a process: two would fork its chains. */
export function createRecordWriter(db: Handle, now: () => Date) {
  const heads = new Map<string, Head>()

  async function headOf(handle: Handle, workspaceId: string): Promise<Head> {
    const known = heads.get(workspaceId)
    if (known) return known
    const previous = await headsOf(handle, workspaceId, vouchedFor)
    const chain: Chain = { id: newId('lch'), workspaceId, startedAt: now(), previous }
    await sql`insert into ledger_chain (id, workspace_id, started_at, previous)
      values (${chain.id}, ${workspaceId}, ${chain.startedAt}, ${JSON.stringify(previous)}::jsonb)`.execute(
      handle,
    )
    return { chainId: chain.id, number: 0, hash: startHashOf(chain) }
  }

  return {
    /**
     * The statement that appends them, to be run by `run` together with what else must be kept. Where it fails nobody
     * knows whether it was kept, so its chains end there and others begin.
     */
    append: async (
      handle: Handle,
      records: readonly AccessRecord[],
      run: (rows: ReadonlyArray<Record<string, unknown>>) => Promise<void>,
    ): Promise<void> => {
      const moved = new Map<string, Head>()
      try {
        const rows: Array<Record<string, unknown>> = []
        for (const record of records.map(keepable)) {
          const before = moved.get(record.workspaceId) ?? (await headOf(handle, record.workspaceId))
          const number = before.number + 1
          const hash = hashOf(before.hash, before.chainId, number, record)
          moved.set(record.workspaceId, { chainId: before.chainId, number, hash })
          rows.push(rowOf(record, before.chainId, number, hash))
        }
        await run(rows)
        for (const [workspaceId, head] of moved) heads.set(workspaceId, head)
      } catch (cause) {
        for (const { workspaceId } of records) heads.delete(workspaceId)
        throw cause
      }
    },
  }
}

/** As the database gives it back, so that the hash is of what is there. */
function keepable(record: AccessRecord): AccessRecord {
  return {
    ...record,
    actor: storable(record.actor),
    endpointClass: storable(record.endpointClass),
    at: new Date(record.at.getTime()),
  }
}

function rowOf(record: AccessRecord, chainId: string, number: number, hash: string): Record<string, unknown> {
  return {
    workspace_id: record.workspaceId,
    call_id: record.callId,
    kind: record.kind,
    connection_id: record.connectionId,
    network: record.network,
    login: record.login,
    endpoint_class: record.endpointClass,
    data_class: record.dataClass,
    purpose: record.purpose,
    actor: record.actor,
    at: record.at,
    amount: record.amount,
    currency: record.currency,
    outcome: record.outcome,
    status: record.status,
    items: record.items,
    terms_version: record.termsVersion,
    waited_ms: record.waitedMs,
    plan: record.plan,
    has_link: record.hasLink,
    is_owned: record.isOwned,
    is_summoned: record.isSummoned,
    fresh_items: record.freshItems,
    chain_id: chainId,
    number,
    hash,
  }
}

/** Columns of a row as `rowOf` makes it, with their types. */
export const recordColumns = {
  names: sql`workspace_id, call_id, kind, connection_id, network, login, endpoint_class, data_class, purpose, actor, at, amount,
    currency, outcome, status, items, terms_version, waited_ms, plan, has_link, is_owned, is_summoned, fresh_items, chain_id,
    number, hash`,
  types: sql`workspace_id text, call_id text, kind text, connection_id text, network text, login text, endpoint_class text,
    data_class text, purpose text, actor text, at timestamptz, amount numeric, currency text, outcome text, status integer,
    items integer, terms_version text, waited_ms integer, plan text, has_link boolean, is_owned boolean, is_summoned boolean,
    fresh_items integer, chain_id text, number bigint, hash text`,
}
