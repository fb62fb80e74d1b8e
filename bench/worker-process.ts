/** One worker of the product, and posts that are due: how fast they go out, or how late they start. */
import { sql } from 'kysely'
import { adoptGrant } from '#app/connecting.ts'
import { initialise } from '#app/initialise.ts'
import type { Actor } from '#app/system.ts'
import { newId } from '#domain/id.ts'
import { readConfig } from '#main/config.ts'
import { type Product, startProduct } from '#main/main.ts'
import { neededScopes } from '#networks/x/definition.ts'
import { signInAll, textOf, warmUpCount } from './accounts.ts'

export type WorkerInput = { apiUrl: string; leg: string; count: number; within: 'backlog' | 'one-second' }
export type WorkerAnswer = {
  perSecond: number
  cpuPer1000: number
  /** From due to claimed, and from due to the request leaving. Milliseconds. */
  startP50: number
  startP99: number
  sendP99: number
}

const { apiUrl, leg, count, within } = JSON.parse(process.argv[2] ?? '') as WorkerInput

/** Counts down to the end of what is awaited. */
let awaited = 0
let finish = () => {}

const product = await startProduct(readConfig(process.env), {
  web: 'none',
  log: (event) => {
    if (event['level'] === 'error') process.stderr.write(`${JSON.stringify(event)}\n`)
    if (event['event'] !== 'delivery-settled') return
    if (event['state'] !== 'published') throw new Error(`a delivery came out ${JSON.stringify(event)}`)
    awaited -= 1
    if (awaited === 0) finish()
  },
})
const answer = await run(product)
await product.close()
process.stdout.write(`${JSON.stringify(answer)}\n`, () => process.exit(0))

async function run({ system }: Product): Promise<WorkerAnswer> {
  const actor = await firstOwner(product)
  const channelIds: string[] = []
  for (const { accessToken } of await signInAll(apiUrl, leg)) {
    const { channels } = await adoptGrant(system, actor, 'x', { accessToken, scopes: neededScopes })
    channelIds.push(...channels.map(({ id }) => id))
  }
  await deliver(product, actor, channelIds, posts(0, warmUpCount), new Date(), 0)
  // Time to write them all down before the first is due.
  const isBacklog = within === 'backlog'
  const firstDueAt = isBacklog ? new Date() : new Date(Date.now() + 5_000)
  const cpuBefore = process.cpuUsage()
  const startedAt = performance.now()
  await deliver(product, actor, channelIds, posts(warmUpCount, count), firstDueAt, isBacklog ? 0 : 1_000)
  const seconds = (performance.now() - startedAt) / 1_000
  const cpu = process.cpuUsage(cpuBefore)
  return {
    perSecond: count / seconds,
    cpuPer1000: (cpu.user + cpu.system) / 1_000 / count,
    ...(await latenessOf(product, firstDueAt)),
  }
}

function posts(from: number, count: number): string[] {
  return Array.from({ length: count }, (_, index) => textOf(from + index))
}

/** Schedules them all, due over `withinMs`, and waits until all are live. */
async function deliver(
  product: Product,
  actor: Actor,
  channelIds: readonly string[],
  texts: readonly string[],
  firstDueAt: Date,
  withinMs: number,
): Promise<void> {
  awaited = texts.length
  const finished = new Promise<void>((resolve) => {
    finish = resolve
  })
  await schedule(product, actor, channelIds, texts, firstDueAt, withinMs)
  product.system.wake()
  await finished
}

async function firstOwner({ system }: Product): Promise<Actor> {
  const owner = { workspace: 'Benchmark', name: 'Owner', email: 'owner@example.com', timeZone: 'UTC' }
  const { workspaceId, ownerId } = await initialise(system.db, owner, system.now())
  return { workspaceId, memberId: ownerId, role: 'owner' }
}

/** In one transaction, so that the worker sees all of them at once. */
async function schedule(
  { system }: Product,
  actor: Actor,
  channelIds: readonly string[],
  texts: readonly string[],
  firstDueAt: Date,
  withinMs: number,
): Promise<void> {
  const now = system.now()
  const rows = texts.map((text, index) => ({
    post_id: newId('pst', now),
    id: newId('dlv', now),
    channel_id: channelIds[index % channelIds.length],
    text,
    due_at: new Date(firstDueAt.getTime() + (index * withinMs) / texts.length),
  }))
  await sql`with r as (
      select * from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r (post_id text, id text, channel_id text, text text, due_at timestamptz)
    ), posts as (
      insert into post (id, workspace_id, text, is_draft, due_at, created_by, created_at, updated_at)
      select post_id, ${actor.workspaceId}, text, false, due_at, ${actor.memberId}, ${now}, ${now} from r
    )
    insert into delivery (id, workspace_id, post_id, channel_id, network, state, due_at, next_at, payload, created_at, updated_at)
    select id, ${actor.workspaceId}, post_id, channel_id, 'x', 'waiting', due_at, due_at,
      jsonb_build_object('text', text, 'images', '[]'::jsonb), ${now}, ${now} from r`.execute(system.db)
}

type Lateness = Pick<WorkerAnswer, 'startP50' | 'startP99' | 'sendP99'>

async function latenessOf({ system }: Product, firstDueAt: Date): Promise<Lateness> {
  const { rows } = await sql<{ startP50: number; startP99: number; sendP99: number }>`
    select percentile_disc(0.5) within group (order by started) as "startP50",
      percentile_disc(0.99) within group (order by started) as "startP99",
      percentile_disc(0.99) within group (order by sent) as "sendP99"
    from (select (extract(epoch from started_at - due_at) * 1000)::float8 as started,
      (extract(epoch from sent_at - due_at) * 1000)::float8 as sent from delivery where due_at >= ${firstDueAt}) d`.execute(
    system.db,
  )
  const [lateness] = rows
  if (!lateness) throw new Error('no delivery to tell the lateness of')
  return lateness
}
