/** A worker of the product among others, which also fills the table for all of them and looks when it is empty. */
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import type { System } from '#app/system.ts'
import { readConfig } from '#main/config.ts'
import { startProduct } from '#main/main.ts'
import { textOf, warmUpCount } from './accounts.ts'
import { connectAll, firstOwner, schedule } from './stage.ts'

export type CrowdInput = { apiUrl: string; leg: string; workers: number; count: number }
/** `texts`: so many posts should be live, all different. */
export type CrowdAnswer = { perSecond: number; texts: number }

/** A channel has one delivery in flight; these fill four workers. */
const channelCount = 240

const input = JSON.parse(process.argv[2] ?? '') as CrowdInput
const product = await startProduct(readConfig(process.env), {
  web: 'none',
  log: (event) => {
    if (event['level'] === 'error') process.stderr.write(`${JSON.stringify(event)}\n`)
  },
})
const answer = await run(product.system)
await product.close()
process.stdout.write(`${JSON.stringify(answer)}\n`, () => process.exit(0))

async function run(system: System): Promise<CrowdAnswer> {
  const { leg, workers, count } = input
  const actor = await firstOwner(system)
  const channelIds = await connectAll(system, actor, { ...input, count: channelCount })
  const warmUp = warmUpCount * workers
  const textsFrom = (from: number, length: number) =>
    Array.from({ length }, (_, index) => `${textOf(from + index)} ${leg}`)
  await schedule(system, actor, { channelIds, texts: textsFrom(0, warmUp), firstDueAt: soon(2_000) })
  await untilAllPublished(system)
  // All workers know of it by then, and begin at the same instant.
  const firstDueAt = soon(5_000)
  await schedule(system, actor, { channelIds, texts: textsFrom(warmUp, count), firstDueAt })
  await untilAllPublished(system)
  const { rows } = await sql<{ until: Date; texts: number }>`
    select max(updated_at) as until, count(distinct remote_id)::int as texts from delivery`.execute(system.db)
  const [done] = rows
  if (!done || done.texts !== warmUp + count) throw new Error(`${done?.texts} posts for ${warmUp + count}`)
  return { perSecond: count / ((done.until.getTime() - firstDueAt.getTime()) / 1_000), texts: done.texts }
}

function soon(ms: number): Date {
  return new Date(Date.now() + ms)
}

/** Throws where one ends otherwise. */
async function untilAllPublished(system: System): Promise<void> {
  for (;;) {
    const { rows } = await sql<{ state: string; nextAt: Date | null }>`
      select state, next_at as "nextAt" from delivery where state <> 'published' limit 1`.execute(system.db)
    if (!rows[0]) return
    if (rows[0].nextAt === null) throw new Error(`a delivery came out ${rows[0].state}`)
    await sleep(250)
  }
}
