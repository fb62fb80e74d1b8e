/**
 * The queue for what is not a delivery: pg-boss, in the same database.
 *
 * It only says when, over however many workers there are, and that a sweep runs on one of them at a time;
 * what is done is a function of the product's own clock. Nobody waits for these jobs, so it polls rarely.
 */
import { PgBoss } from 'pg-boss'
import type { Database } from '#storage/database.ts'

export type Sweep = {
  name: string
  /** When, as a cron expression in UTC; a minute is the finest. */
  cron: string
  run: (now: Date) => Promise<void>
}

export type JobsOptions = {
  database: Pick<Database, 'kind' | 'execute'>
  now: () => Date
  sweeps: readonly Sweep[]
  /** How often the queue is looked at. Default 15: nobody waits for a sweep. */
  pollSeconds?: number
  onError: (cause: unknown) => void
}

export type Jobs = {
  start: () => Promise<void>
  /** Waits a little for what runs. */
  stop: () => Promise<void>
}

const schema = 'litfass_jobs'

export function createJobs({ database, now, sweeps, onError, pollSeconds = 15 }: JobsOptions): Jobs {
  const boss = new PgBoss({
    db: { executeSql: async (text, values) => database.execute(text, values) },
    ...(database.kind === 'embedded' ? { backend: 'pglite' as const } : {}),
    schema,
    cronMonitorIntervalSeconds: pollSeconds * 2,
    cronWorkerIntervalSeconds: pollSeconds,
    superviseIntervalSeconds: 300,
    monitorIntervalSeconds: 300,
    queueCacheIntervalSeconds: 300,
    bamIntervalSeconds: 300,
    flowIntervalSeconds: 300,
    // The embedded database is cleaned up by its own thread and lacks `concurrently`.
    reindex: false,
    monitorVacuum: false,
    registerInstance: false,
  })
  boss.on('error', onError)
  let starting: Promise<void> | undefined

  async function start(): Promise<void> {
    // The database may be busy with another process's start.
    await boss.start({ attempts: 10 })
    for (const { name, cron, run } of sweeps) {
      // At most one of a name waits and one runs, however long a worker was away.
      await boss.createQueue(name, { policy: 'short', retryLimit: 0, deleteAfterSeconds: 3_600 })
      await boss.schedule(name, cron)
      await boss.work(name, { pollingIntervalSeconds: pollSeconds }, async () => {
        await run(now()).catch((cause: unknown) => {
          onError(cause)
          throw cause
        })
      })
    }
  }

  return {
    start: () => (starting ??= start()),
    stop: async () => {
      if (!starting) return
      await starting.catch(() => undefined)
      await boss.stop({ graceful: true, close: false, timeout: 5_000 })
    },
  }
}
