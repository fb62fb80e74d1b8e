/** One worker of the product, and posts that are due: how fast they go out, or how late they start. */
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import type { Actor, System } from '#app/system.ts'
import { readConfig } from '#main/config.ts'
import { startProduct } from '#main/main.ts'
import { unmetered } from '#networks/metered-fetch.ts'
import { textOf, warmUpCount } from './accounts.ts'
import { addPicture, type Batch, connectAll, firstOwner, schedule } from './stage.ts'

export type WorkerInput = {
  apiUrl: string
  leg: string
  count: number
  within: 'backlog' | 'one-second'
  /** The door lets every call through: it neither prices, nor records, nor paces. */
  isDoorOpen?: boolean
  /** Pictures that are being uploaded on other channels all the while, to a sandbox that answers them slowly. */
  slowUploads?: number
}
export type WorkerAnswer = {
  perSecond: number
  cpuPer1000: number
  /** From due to claimed, and from due to the request leaving. Milliseconds. */
  startP50: number
  startP99: number
  sendP99: number
}

const input = JSON.parse(process.argv[2] ?? '') as WorkerInput

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
if (input.isDoorOpen === true) openDoor(product.system)
const answer = await run(product.system, input)
// Uploads that are under way for ever are not waited for.
if (input.slowUploads === undefined) await product.close()
process.stdout.write(`${JSON.stringify(answer)}\n`, () => process.exit(0))

async function run(system: System, { apiUrl, leg, count, within, slowUploads = 0 }: WorkerInput) {
  const actor = await firstOwner(system)
  const channelIds = await connectAll(system, actor, { apiUrl, leg })
  await deliver(system, actor, { channelIds, texts: posts(0, warmUpCount), firstDueAt: new Date() })
  const isSlow = await startUploads(system, actor, input)
  // Time to write them all down before the first is due, when the clock starts.
  const firstDueAt = new Date(Date.now() + 5_000)
  const withinMs = within === 'backlog' ? 0 : 1_000
  const finished = deliver(system, actor, {
    channelIds,
    texts: posts(warmUpCount, count),
    firstDueAt,
    withinMs,
  })
  await sleep(firstDueAt.getTime() - Date.now())
  const cpuBefore = process.cpuUsage()
  const startedAt = performance.now()
  await finished
  const seconds = (performance.now() - startedAt) / 1_000
  const cpu = process.cpuUsage(cpuBefore)
  if ((await isSlow()) !== slowUploads) throw new Error('the uploads did not take long enough')
  return {
    perSecond: count / seconds,
    cpuPer1000: (cpu.user + cpu.system) / 1_000 / count,
    ...(await latenessOf(system, channelIds, firstDueAt)),
  }
}

/** As if there were no meter, no ledger, no budgets and no pacing. */
function openDoor({ ledger, counters }: System): void {
  Object.assign(ledger, { scoped: () => unmetered })
  Object.assign(counters, { scoped: () => ({ before: () => 0, hear: () => {} }) })
}

function posts(from: number, count: number): string[] {
  return Array.from({ length: count }, (_, index) => textOf(from + index))
}

/** Schedules them all, and waits until all are live. */
async function deliver(system: System, actor: Actor, batch: Batch): Promise<void> {
  awaited = batch.texts.length
  const finished = new Promise<void>((resolve) => {
    finish = resolve
  })
  await schedule(system, actor, batch)
  await finished
}

/** Gives how many are under way still: claimed, and nothing sent that people would see. */
async function startUploads(system: System, actor: Actor, { apiUrl, leg, slowUploads }: WorkerInput) {
  if (slowUploads === undefined) return async () => 0
  const channelIds = await connectAll(system, actor, { apiUrl, leg: `${leg}_up`, count: slowUploads })
  const texts = posts(0, slowUploads)
  const mediaFileId = await addPicture(system, actor)
  await schedule(system, actor, { channelIds, texts, firstDueAt: new Date(), mediaFileId })
  return async () => {
    const { rows } = await sql<{ count: number }>`select count(*)::int as count from delivery
      where channel_id = any(${channelIds}::text[]) and state = 'claimed' and sent_at is null and attempts = 1`.execute(
      system.db,
    )
    return rows[0]?.count ?? 0
  }
}

type Lateness = Pick<WorkerAnswer, 'startP50' | 'startP99' | 'sendP99'>

async function latenessOf(
  system: System,
  channelIds: readonly string[],
  firstDueAt: Date,
): Promise<Lateness> {
  const { rows } = await sql<Lateness>`
    select percentile_disc(0.5) within group (order by started) as "startP50",
      percentile_disc(0.99) within group (order by started) as "startP99",
      percentile_disc(0.99) within group (order by sent) as "sendP99"
    from (select (extract(epoch from started_at - due_at) * 1000)::float8 as started,
      (extract(epoch from sent_at - due_at) * 1000)::float8 as sent
      from delivery where due_at >= ${firstDueAt} and channel_id = any(${[...channelIds]}::text[])) d`.execute(
    system.db,
  )
  const [lateness] = rows
  if (!lateness) throw new Error('no delivery to tell the lateness of')
  return lateness
}
