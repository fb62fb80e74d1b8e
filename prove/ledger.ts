/**
 * Proves the access ledger: every request that a simulated network saw stands in it with its beginning and its end, and
 * not one byte of it can be changed, nor one entry taken away, without being found.
 */
import { sql } from 'kysely'
import { anchorOf, checkLedger } from '#storage/ledger-check.ts'
import type { Handle } from '#storage/deliveries.ts'
import { picture, upload } from '#test/support/posting.ts'
import { startTestProduct, type TestProduct } from '#test/support/product.ts'
import { type Chance, chanceOf } from './random.ts'

export type NetworkCount = { network: string; seen: number; opened: number; settled: number; unsent: number }
export type ColumnCount = { column: string; changed: number; found: number }
export type LedgerProof = {
  networks: NetworkCount[]
  columns: ColumnCount[]
  removed: { taken: number; found: number }
  entries: number
  isRight: boolean
}

const faults = [
  { fault: 'error', error: '4' },
  { fault: 'throttled' },
  { fault: 'outage', times: 2 },
  { fault: 'lost-before' },
  { fault: 'lost-after' },
  { fault: 'cut-body' },
  { fault: 'unauthorised' },
]

export type LedgerOptions = { seed: number; posts: number; changes: number }

export async function proveLedger({ seed, posts, changes }: LedgerOptions): Promise<LedgerProof> {
  const chance = chanceOf(seed)
  let shift = 0
  const product = await startTestProduct({ now: () => new Date(Date.now() + shift) })
  try {
    const channels = await connectAll(product)
    const image = (await upload(product, await picture(400, 400))).body.id as string
    for (let index = 0; index < posts; index += 1) {
      if (index % 2 === 1) await disturb(product, chance)
      await publish(product, channels, chance, image, index)
      shift += 20_000
      product.product.system.wake()
    }
    await product.fetch('/_sandbox/faults', { method: 'DELETE' })
    await rest(product, () => {
      shift += 20_000
    })
    await product.product.system.ledger.settled()
    const networks = await countNetworks(product)
    const { columns, removed, entries } = await tamper(product, chance, changes)
    const isRight =
      networks.every(
        ({ seen, opened, settled, unsent }) => seen > 0 && seen + unsent === opened && opened === settled,
      ) &&
      columns.every(({ changed, found }) => changed > 0 && changed === found) &&
      removed.taken === removed.found
    return { networks, columns, removed, entries, isRight }
  } finally {
    await product.close()
  }
}

type Channel = { id: string; network: string }

/** An account by every way of signing in. */
async function connectAll(product: TestProduct): Promise<Channel[]> {
  const { db, networks } = product.product.system
  for (const { definition } of networks)
    for (const { id } of definition.logins)
      await product.call('POST', '/connections', { body: { login: id, sandbox: true } })
  const { rows } = await sql<Channel>`select id, network from channel
    where workspace_id = ${product.workspaceId} and state = 'active' order by id`.execute(db)
  return rows
}

async function disturb(product: TestProduct, chance: Chance): Promise<void> {
  const rule = { network: '*', times: 3, match: { effect: chance.pick(['publish', 'read', 'upload']) } }
  const chosen = { ...rule, ...chance.pick(faults), id: 'proof' }
  await product.fetch('/_sandbox/faults', {
    method: 'POST',
    body: JSON.stringify(chosen),
    headers: { 'content-type': 'application/json' },
  })
}

async function publish(
  product: TestProduct,
  channels: readonly Channel[],
  chance: Chance,
  image: string,
  index: number,
): Promise<void> {
  const { body } = await product.call('POST', '/posts', {
    body: {
      text: `Number ${index} of the proof, ${chance.below(1e9)}`,
      channelIds: channels.map(({ id }) => id),
      attachments: [{ mediaFileId: image, altText: 'Red' }],
    },
  })
  if (body.id === undefined) throw new Error(`the post was refused: ${JSON.stringify(body)}`)
  await new Promise((resolve) => setTimeout(resolve, 300))
}

/** Until nothing is under way and every figure was read once; time passes meanwhile. */
async function rest(product: TestProduct, advance: () => void): Promise<void> {
  const { db } = product.product.system
  for (let round = 0; round < 200; round += 1) {
    const { rows } = await sql<{ open: number }>`
      select (select count(*) from delivery where state in ('waiting', 'claimed', 'sending'))::int
        + (select count(*) from delivery where state = 'unsure' and next_at is not null)::int as open`.execute(
      db,
    )
    if (rows[0]?.open === 0 && round > 10) break
    advance()
    product.product.system.wake()
    await new Promise((resolve) => setTimeout(resolve, 250))
  }
  // Nothing new is begun: what is counted must stand still.
  await sql`update poll set next_at = null`.execute(db)
  await sql`update channel_poll set next_at = null`.execute(db)
  await new Promise((resolve) => setTimeout(resolve, 3_000))
}

async function countNetworks(product: TestProduct): Promise<NetworkCount[]> {
  const { system } = product.product
  const answer = await product.fetch('/_sandbox/requests')
  const { items } = (await answer.json()) as { items: Array<{ network: string; effect: string }> }
  const { rows } = await sql<Omit<NetworkCount, 'seen'>>`
    select network, count(*) filter (where kind = 'open')::int as opened,
      count(*) filter (where kind = 'settle')::int as settled,
      count(*) filter (where kind = 'settle' and outcome = 'not-sent')::int as unsent
    from access_record group by network`.execute(system.db)
  return system.networks.map(({ definition: { id } }) => ({
    network: id,
    // Pages are for people; the product never asks for one.
    seen: items.filter(({ network, effect }) => network === id && effect !== 'page').length,
    opened: rows.find(({ network }) => network === id)?.opened ?? 0,
    settled: rows.find(({ network }) => network === id)?.settled ?? 0,
    unsent: rows.find(({ network }) => network === id)?.unsent ?? 0,
  }))
}

type Column = { name: string; type: string }

async function tamper(product: TestProduct, chance: Chance, changes: number) {
  const { db } = product.product.system
  const { workspaceId } = product
  const anchor = await anchorOf(db, workspaceId, new Date())
  const whole = await checkLedger(db, workspaceId, anchor)
  if (whole.faults.length > 0) throw new Error(`not whole: ${JSON.stringify(whole.faults)}`)
  const isFound = async () => (await checkLedger(db, workspaceId, anchor)).faults.length > 0
  const { rows: ids } = await sql<{ id: string }>`
    select id::text as id from access_record where chain_id is not null order by access_record.id`.execute(db)
  await sql`alter table access_record disable trigger user`.execute(db)
  const columns: ColumnCount[] = []
  for (const column of await columnsOf(db)) {
    const count: ColumnCount = { column: column.name, changed: 0, found: 0 }
    for (let round = 0; round < changes; round += 1) {
      const { id } = chance.pick(ids)
      await change(db, id, column)
      count.changed += 1
      if (await isFound()) count.found += 1
      await putBack(db)
    }
    columns.push(count)
  }
  const removed = { taken: 0, found: 0 }
  for (let round = 0; round < changes; round += 1) {
    await keep(db, chance.pick(ids).id)
    await sql`delete from access_record where id = (select id from kept)`.execute(db)
    removed.taken += 1
    if (await isFound()) removed.found += 1
    await sql`insert into access_record overriding system value select * from kept`.execute(db)
  }
  await sql`drop table kept`.execute(db)
  await sql`alter table access_record enable trigger user`.execute(db)
  if (await isFound()) throw new Error('what was put back is not as it was')
  return { columns, removed, entries: whole.entries }
}

async function columnsOf(db: Handle): Promise<Column[]> {
  const { rows } = await sql<Column>`
    select column_name as name, data_type as type from information_schema.columns
    where table_name = 'access_record' and column_name <> 'id' order by ordinal_position`.execute(db)
  return rows
}

/** The smallest change of a value of each type. */
const smallest: Readonly<Record<string, (name: string) => string>> = {
  text: (name) => `coalesce(overlay("${name}" placing chr(ascii("${name}") + 1) from 1 for 1), 'x')`,
  integer: (name) => `coalesce("${name}" + 1, 0)`,
  bigint: (name) => `coalesce("${name}" + 100000, 1)`,
  numeric: (name) => `coalesce("${name}" + 0.000001, 0)`,
  boolean: (name) => `coalesce(not "${name}", true)`,
  'timestamp with time zone': (name) => `"${name}" + interval '1 microsecond'`,
}

async function change(db: Handle, id: string, { name, type }: Column): Promise<void> {
  const changed = smallest[type]
  if (changed === undefined) throw new Error(`no change is known for the type ${type}`)
  await keep(db, id)
  const value = name === 'kind' ? `case kind when 'open' then 'settle' else 'open' end` : changed(name)
  await sql`update access_record set ${sql.ref(name)} = ${sql.raw(value)} where id = (select id from kept)`.execute(
    db,
  )
}

async function keep(db: Handle, id: string): Promise<void> {
  await sql`drop table if exists kept`.execute(db)
  await sql`create table kept as select * from access_record where id = ${id}::bigint`.execute(db)
}

async function putBack(db: Handle): Promise<void> {
  await sql`delete from access_record where id = (select id from kept)`.execute(db)
  await sql`insert into access_record overriding system value select * from kept`.execute(db)
}
