/**
 * The least that any durable queue does for the same posts: one small table, and three commits of each job, its
 * claim, its intent before the request and its end after it, which jobs share as deliveries do. Nothing is
 * checked, ordered, metered or renewed.
 */
import { Agent } from 'undici'
import { createBatcher } from '#engine/batcher.ts'
import { openDatabase } from '#storage/database.ts'
import { signInAll, textOf, warmUpCount } from './accounts.ts'
import type { BareInput } from './bare-process.ts'
import { createPost } from './post.ts'

const { apiUrl, leg, count, concurrency } = JSON.parse(process.argv[2] ?? '') as BareInput
const databaseUrl = process.env['LITFASS_DATABASE_URL']
const database = await openDatabase({
  dataDir: process.env['LITFASS_DATA_DIR'] ?? '',
  ...(databaseUrl === undefined ? {} : { databaseUrl }),
})
await database.execute(`create table job (number integer primary key, state text not null, text text not null);
  create index job_waiting on job (number) where state = 'waiting'`)
const accounts = await signInAll(apiUrl, leg)
const dispatcher = new Agent({ connections: concurrency, pipelining: 1 })

type Job = { number: number; text: string }

const claim = createBatcher<null, Job | undefined>(async (wanted) => {
  const { rows } = await database.execute(
    `update job set state = 'claimed' where number in (
      select number from job where state = 'waiting' order by number limit $1 for update skip locked) returning number, text`,
    [wanted.length],
  )
  const jobs = rows as Job[]
  return () => jobs.pop()
})
const intend = createBatcher(moveTo('sending'))
const settle = createBatcher(moveTo('done'))

function moveTo(state: string) {
  return async (jobs: readonly Job[]) => {
    await database.execute(`update job set state = $1 where number = any($2::int[])`, [
      state,
      jobs.map(({ number }) => number),
    ])
    return () => undefined
  }
}

async function work(): Promise<void> {
  for (;;) {
    const job = await claim(null)
    if (!job) return
    await intend(job)
    const account = accounts[job.number % accounts.length]
    if (account) await createPost(apiUrl, account, job.text, dispatcher)
    await settle(job)
  }
}

async function add(from: number, until: number): Promise<void> {
  const texts = Array.from({ length: until - from }, (_, index) => textOf(from + index))
  await database.execute(
    `insert into job select $1::int + index - 1, 'waiting', text from unnest($2::text[]) with ordinality as t (text, index)`,
    [from, texts],
  )
}

async function run(): Promise<void> {
  await Promise.all(Array.from({ length: concurrency }, work))
}

await add(0, warmUpCount)
await run()
await add(warmUpCount, warmUpCount + count)
const cpuBefore = process.cpuUsage()
const startedAt = performance.now()
await run()
const seconds = (performance.now() - startedAt) / 1_000
const cpu = process.cpuUsage(cpuBefore)
const { rows } = await database.execute(`select count(*)::int as count from job where state = 'done'`)
if ((rows[0] as { count: number }).count !== warmUpCount + count) throw new Error('not every job is done')
await database.close()
const answer = { perSecond: count / seconds, cpuPer1000: (cpu.user + cpu.system) / 1_000 / count }
process.stdout.write(`${JSON.stringify(answer)}\n`, () => process.exit(0))
