/**
 * The access ledger at rest: who asked a network for what, when, why and at what price. No content and no ids of
 * network data; it outlives every purge.
 *
 * It is append-only and chained. A chain belongs to one writer and one workspace, so that writers never wait for each
 * other; each entry's hash covers its fields and the hash before it. A chain's first hash covers where the workspace's
 * other chains stood, so an end that is cut off is missed by the chains begun later, and by an anchor kept elsewhere.
 */
import { hash } from 'node:crypto'
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

/** Part of every hash; another one where what is hashed changes. */
const format = 'v1'

/** What is kept of an entry, and as what. The order is that of the hash, so it never changes within a format. */
const types = {
  workspaceId: 'text',
  callId: 'text',
  kind: 'text',
  connectionId: 'text',
  network: 'text',
  login: 'text',
  endpointClass: 'text',
  dataClass: 'text',
  purpose: 'text',
  actor: 'text',
  at: 'timestamptz',
  amount: 'numeric',
  currency: 'text',
  outcome: 'text',
  status: 'integer',
  items: 'integer',
  termsVersion: 'text',
  waitedMs: 'integer',
  plan: 'text',
  hasLink: 'boolean',
  isOwned: 'boolean',
  isSummoned: 'boolean',
  freshItems: 'integer',
} as const satisfies Record<keyof AccessRecord, string>

const fields = (Object.keys(types) as Array<keyof AccessRecord>).map((field) => ({
  field,
  column: field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
  type: types[field],
}))

/** Hash of an entry behind `previous`, over everything that is kept of it. */
export function hashOf(previous: string, chainId: string, number: number, record: AccessRecord): string {
  const values = fields.map(({ field }) => hashed(field, record[field]))
  return digest([format, previous, chainId, number, ...values])
}

/** An amount however many zeros the database gives it back with. */
function hashed(field: keyof AccessRecord, value: AccessRecord[keyof AccessRecord]): unknown {
  return field === 'amount' && typeof value === 'string' ? fromMicros(toMicros(value)) : value
}

/** The hash a chain starts from. */
export function startHashOf(chain: Chain): string {
  const previous = chain.previous.map(({ chainId, number, hash }) => [chainId, number, hash])
  return digest([format, chain.id, chain.workspaceId, chain.startedAt.toISOString(), previous])
}

function digest(parts: readonly unknown[]): string {
  return hash('sha256', JSON.stringify(parts), 'hex')
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

export type Chained = { rows: ReadonlyArray<Record<string, unknown>>; kept: () => void; lost: () => void }

/** Appends in order. Each writer has chains of its own: two would fork one. */
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
     * Their rows, to be appended by one statement together with what else must be kept; one such statement at a time.
     * Whoever runs it says whether it was kept. Where it failed nobody knows, so its chains end there and others begin.
     */
    chained: async (handle: Handle, records: readonly AccessRecord[]): Promise<Chained> => {
      const moved = new Map<string, Head>()
      const lost = () => {
        for (const { workspaceId } of records) heads.delete(workspaceId)
      }
      try {
        const rows: Array<Record<string, unknown>> = []
        for (const record of records.map(keepable)) {
          const before = moved.get(record.workspaceId) ?? (await headOf(handle, record.workspaceId))
          const number = before.number + 1
          const head = {
            chainId: before.chainId,
            number,
            hash: hashOf(before.hash, before.chainId, number, record),
          }
          moved.set(record.workspaceId, head)
          rows.push(rowOf(record, head))
        }
        return {
          rows,
          lost,
          kept: () => {
            for (const [workspaceId, head] of moved) heads.set(workspaceId, head)
          },
        }
      } catch (cause) {
        lost()
        throw cause
      }
    },
  }
}

/** As the database gives it back, so that the hash is of what is there. */
function keepable(record: AccessRecord): AccessRecord {
  const actor = storable(record.actor)
  const endpointClass = storable(record.endpointClass)
  const isKept = actor === record.actor && endpointClass === record.endpointClass
  return isKept ? record : { ...record, actor, endpointClass }
}

function rowOf(record: AccessRecord, { chainId, number, hash: own }: Head): Record<string, unknown> {
  const row: Record<string, unknown> = { chain_id: chainId, number, hash: own }
  // What is left out is null too, and not written and read for nothing.
  for (const { field, column } of fields) if (record[field] !== null) row[column] = record[field]
  return row
}

/** Columns of a row as `rowOf` makes it, with their types; and of an entry as it is read back. */
export const recordColumns = {
  names: sql.raw([...fields.map(({ column }) => column), 'chain_id', 'number', 'hash'].join(', ')),
  types: sql.raw(
    [
      ...fields.map(({ column, type }) => `${column} ${type}`),
      'chain_id text',
      'number bigint',
      'hash text',
    ].join(', '),
  ),
  read: sql.raw(
    fields
      .map(({ field, column, type }) => `${type === 'numeric' ? `${column}::text` : column} as "${field}"`)
      .join(', '),
  ),
}
