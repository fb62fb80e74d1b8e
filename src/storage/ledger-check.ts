/** Walks the access ledger's chains and finds every byte that is not what was written. */
import { sql } from 'kysely'
import {
  type AccessRecord,
  type Chain,
  type Head,
  hashOf,
  headsOf,
  recordColumns,
  startHashOf,
} from './access-records.ts'
import type { Handle } from './deliveries.ts'

/** Where a workspace's chains stood at a time; kept elsewhere it proves that nothing before was taken away. */
export type Anchor = { workspaceId: string; at: string; heads: readonly Head[] }

export type LedgerFault = {
  kind:
    | 'changed' // An entry or the start of a chain is not what its hash was made of.
    | 'missing' // An entry in the middle of a chain is gone.
    | 'cut-off' // A chain ends before where a later chain or an anchor saw it.
    | 'chain-missing' // Entries name a chain that is not there.
  chainId: string
  number: number
}

export type LedgerCheck = {
  chains: number
  entries: number
  /** Written by a release that did not chain them. */
  unchained: number
  /** Calls without a settling entry: under way, or of a process that died. */
  unsettled: number
  faults: readonly LedgerFault[]
}

const pageSize = 2_000

/** Of one workspace. `faults` is empty where everything is as it was written. */
export async function checkLedger(
  db: Handle,
  workspaceId: string,
  anchor: Anchor | null = null,
): Promise<LedgerCheck> {
  const faults: LedgerFault[] = []
  const seen = new Map<string, Set<string>>()
  const chains = await chainsOf(db, workspaceId)
  const expected = [...chains.flatMap(({ previous }) => previous), ...(anchor?.heads ?? [])]
  for (const { chainId, number, hash } of expected)
    seen.set(chainId, (seen.get(chainId) ?? new Set()).add(`${number} ${hash}`))
  let entries = 0
  for (const chain of chains) entries += await walk(db, chain, seen.get(chain.id) ?? new Set(), faults)
  const known = new Set(chains.map(({ id }) => id))
  for (const { chainId, number } of expected)
    if (!known.has(chainId)) faults.push({ kind: 'cut-off', chainId, number })
  const orphans = await sql<{ chainId: string; number: number }>`
    select chain_id as "chainId", min(number)::int as number from access_record a
    where workspace_id = ${workspaceId} and chain_id is not null
      and not exists (select 1 from ledger_chain c where c.id = a.chain_id and c.workspace_id = a.workspace_id)
    group by chain_id`.execute(db)
  faults.push(...orphans.rows.map((orphan) => ({ kind: 'chain-missing' as const, ...orphan })))
  return { chains: chains.length, entries, ...(await countsOf(db, workspaceId)), faults }
}

export async function anchorOf(db: Handle, workspaceId: string, now: Date): Promise<Anchor> {
  return { workspaceId, at: now.toISOString(), heads: await headsOf(db, workspaceId) }
}

async function chainsOf(db: Handle, workspaceId: string): Promise<Chain[]> {
  const { rows } =
    await sql<Chain>`select id, workspace_id as "workspaceId", started_at as "startedAt", previous
    from ledger_chain where workspace_id = ${workspaceId} order by started_at, id`.execute(db)
  return rows
}

/** Returns how many entries it has. `stops` are places it was seen to reach. */
async function walk(
  db: Handle,
  chain: Chain,
  stops: ReadonlySet<string>,
  faults: LedgerFault[],
): Promise<number> {
  const open = new Set(stops)
  let hash = startHashOf(chain)
  let number = 0
  for (;;) {
    const page = await pageOf(db, chain, number)
    for (const row of page) {
      if (row.number !== number + 1) faults.push({ kind: 'missing', chainId: chain.id, number: number + 1 })
      else if (row.isFiner || hashOf(hash, chain.id, row.number, row.record) !== row.hash)
        faults.push({ kind: 'changed', chainId: chain.id, number: row.number })
      // From here on by what stands written, so that one fault is told once.
      hash = row.hash
      number = row.number
      open.delete(`${number} ${hash}`)
    }
    if (page.length < pageSize) break
  }
  for (const stop of open)
    faults.push({ kind: 'cut-off', chainId: chain.id, number: Number(stop.split(' ')[0]) })
  return number
}

/** `isFiner`: its time says more than the milliseconds that are ever written. */
type Row = { number: number; hash: string; isFiner: boolean; record: AccessRecord }

async function pageOf(db: Handle, chain: Chain, after: number): Promise<Row[]> {
  const { rows } = await sql<AccessRecord & Omit<Row, 'record'>>`
    select ${recordColumns.read}, number::int as number, hash,
      date_trunc('milliseconds', at) <> at as "isFiner"
    from access_record where workspace_id = ${chain.workspaceId} and chain_id = ${chain.id} and number > ${after}
    order by number limit ${pageSize}`.execute(db)
  return rows.map(({ number, hash, isFiner, ...record }) => ({ number, hash, isFiner, record }))
}

async function countsOf(
  db: Handle,
  workspaceId: string,
): Promise<Pick<LedgerCheck, 'unchained' | 'unsettled'>> {
  const { rows } = await sql<{ unchained: number; unsettled: number }>`
    select count(*) filter (where chain_id is null)::int as unchained,
      (count(*) filter (where kind = 'open') - count(*) filter (where kind = 'settle'))::int as unsettled
    from access_record where workspace_id = ${workspaceId}`.execute(db)
  return rows[0] ?? { unchained: 0, unsettled: 0 }
}
