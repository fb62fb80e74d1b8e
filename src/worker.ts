/** A worker: deliveries, figures, sweeps and the beat that shows it lives, on one database. */
import { sql } from 'kysely'
import { openChannel, openPayload } from '#app/channel-access.ts'
import { renewResting, watchConnections } from '#app/connection-watch.ts'
import { keptNetworks } from '#app/kept-networks.ts'
import type { System } from '#app/system.ts'
import { allShippedTerms } from '#app/terms.ts'
import { askAppsDaily } from '#app/usage.ts'
import { newId } from '#domain/id.ts'
import { createDispatcher, type Dispatcher } from '#engine/dispatch.ts'
import { measureDue, type MeasureOptions, pollNewChannels } from '#engine/measure.ts'
import { createJobs, type Sweep } from '#jobs/jobs.ts'
import { sweepRetention } from '#jobs/retention.ts'
import { freeStuck, prune, silentAfterMs, tidyNotices, watchDelays, watchVersions } from '#jobs/sweeps.ts'
import { watchTerms } from '#jobs/terms.ts'
import { closeForgotten, freeStranded } from '#storage/breakers.ts'
import { recountNew } from '#storage/budget-rows.ts'
import type { Database } from '#storage/database.ts'

export type WorkerOptions = {
  system: System
  database: Database
  log: (event: Record<string, unknown>) => void
}

export type Worker = { dispatcher: Dispatcher; stop: () => Promise<void> }

const heartbeatMs = 5_000
const measureEveryMs = 2_000
const newChannelsEveryMs = 10_000
const countersEveryMs = 60_000
/** How long another worker may not know that a quota is used up. */
const shareEveryMs = 1_000
/** The queue takes a third of a second to start and nobody waits for it; a short command never starts it. */
const jobsAfterMs = 2_000
/** What is under way may take so long after a stop; then the next worker takes it up. */
const drainMs = 8_000

export function startWorker({ system, database, log }: WorkerOptions): Worker {
  const workerId = newId('wrk')
  const onError = (cause: unknown) =>
    log({ level: 'error', event: 'worker-error', workerId, error: textOf(cause) })
  const dispatcher = createDispatcher({
    db: database.db,
    lanes: system.ledger.lanes,
    workerId,
    now: system.now,
    openChannel: (delivery) =>
      openChannel(system, {
        workspaceId: delivery.workspaceId,
        channelId: delivery.channelId,
        deliveryId: delivery.id,
        actor: 'job:deliver',
        isForSending: delivery.state === 'claimed',
        row: delivery.channel,
        settlesBehind: true,
      }),
    openPayload: (delivery) => openPayload(system, delivery.workspaceId, delivery.payload),
    breakers: system.breakers,
    metered: system.ledger.settled,
    onError,
    onSettled: (delivery, { change, outcome }) =>
      log({ level: 'info', event: 'delivery-settled', id: delivery.id, state: change.state, outcome }),
  })
  const beat = () =>
    sql`insert into worker (id, started_at, seen_at) values (${workerId}, ${system.now()}, ${system.now()})
    on conflict (id) do update set seen_at = excluded.seen_at`.execute(database.db)
  const measuring = measureOptions(system, database, onError)
  const repeated = [
    repeat(heartbeatMs, beat, onError),
    repeat(measureEveryMs, () => measureDue(measuring), onError),
    repeat(newChannelsEveryMs, () => pollNewChannels(measuring), onError),
    repeat(countersEveryMs, () => system.counters.flush(), onError, 'later'),
    ...sharedCounters(system, database, onError),
  ]
  const jobs = createJobs({ database, now: system.now, sweeps: sweepsOf(system, onError), onError })
  const starting = setTimeout(() => void jobs.start().catch(onError), jobsAfterMs)
  dispatcher.start()
  return {
    dispatcher,
    stop: async () => {
      clearTimeout(starting)
      await Promise.all([dispatcher.stop(drainMs), jobs.stop(), ...repeated.map((one) => one.stop(drainMs))])
      // A worker that was stopped is not silent: it has said goodbye.
      await sql`delete from worker where id = ${workerId}`.execute(database.db).catch(onError)
    },
  }
}

/** Nobody shares the embedded database. */
function sharedCounters(
  { counters }: System,
  { kind }: Database,
  onError: (cause: unknown) => void,
): Repeated[] {
  return kind === 'embedded' ? [] : [repeat(shareEveryMs, () => counters.share(), onError, 'later')]
}

function measureOptions(system: System, { db }: Database, onError: (cause: unknown) => void): MeasureOptions {
  const logins = system.networks.flatMap(({ definition }) => definition.logins)
  return {
    db,
    now: system.now,
    unmeasurableLogins: logins.flatMap(({ id, canMeasure }) => (canMeasure === false ? [id] : [])),
    openChannel: (poll) =>
      openChannel(system, {
        workspaceId: poll.workspaceId,
        channelId: poll.channelId,
        deliveryId: poll.deliveryId,
        actor: 'job:measure',
      }),
    breakers: system.breakers,
    onError,
  }
}

function sweepsOf(system: System, onError: (cause: unknown) => void): Sweep[] {
  const { db } = system
  const versions = system.networks.flatMap(({ definition: { id, version } }) =>
    version?.value.endsOn === undefined
      ? []
      : [{ networkId: id, version: version.value.name, endsOn: version.value.endsOn }],
  )
  return [
    {
      name: 'every-minute',
      cron: '* * * * *',
      run: async (now) => {
        await freeStuck(db, now)
        await closeForgotten(db, now)
        await freeStranded(db, now)
        await watchDelays(db, now)
        await tidyNotices(db, now)
        await recountNew(db, now)
        await system.ledger.settleLost()
      },
    },
    {
      name: 'retention',
      cron: '* * * * *',
      run: async (now) => void (await sweepRetention({ db, networks: keptNetworks(system.networks), now })),
    },
    {
      name: 'every-quarter-hour',
      cron: '*/15 * * * *',
      run: async (now) => {
        await renewResting(system, now, onError)
        await watchConnections(system, now)
      },
    },
    {
      name: 'every-hour',
      cron: '7 * * * *',
      run: async (now) => {
        await prune(db, now)
        await watchVersions(db, now, versions)
        await watchTerms(db, now, allShippedTerms(system, now))
        await askAppsDaily(system, onError)
      },
    },
  ]
}

/**
 * What a server looks at where no worker runs in its own process: nobody else would tell of a silent one. It makes
 * calls of its own, as when accounts are connected, so it shares what it hears.
 */
export function watchFromServer({ system, database, log }: WorkerOptions): { stop: () => Promise<void> } {
  const onError = (cause: unknown) => log({ level: 'error', event: 'watch-failed', error: textOf(cause) })
  const repeated = [
    repeat(silentAfterMs, () => watchDelays(database.db, system.now()), onError, 'later'),
    ...sharedCounters(system, database, onError),
  ]
  return { stop: async () => void (await Promise.all(repeated.map((one) => one.stop()))) }
}

type Repeated = { stop: (withinMs?: number) => Promise<void> }

/** Runs again and again, never twice at once. */
function repeat(
  everyMs: number,
  run: () => Promise<unknown>,
  onError: (cause: unknown) => void,
  first: 'now' | 'later' = 'now',
): Repeated {
  let running: Promise<unknown> | null = null
  const tick = () => {
    running ??= run()
      .catch(onError)
      .finally(() => {
        running = null
      })
  }
  if (first === 'now') tick()
  const timer = setInterval(tick, everyMs)
  return {
    stop: async (withinMs = drainMs) => {
      clearInterval(timer)
      if (running === null) return
      const limit = AbortSignal.timeout(withinMs)
      await Promise.race([running, new Promise((resolve) => limit.addEventListener('abort', resolve))])
    },
  }
}

function textOf(cause: unknown): string {
  return cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)
}
