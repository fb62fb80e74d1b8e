/**
 * How the work stands, for Prometheus: deliveries, attempts, polls, workers.
 *
 * Where the database does not answer these are absent, not zero: nothing overdue would be good news.
 */
import { sql } from 'kysely'
import { Gauge, type Registry } from 'prom-client'
import { listOutages } from '#app/outages.ts'
import type { System } from '#app/system.ts'
import { overdue } from '#storage/deliveries.ts'
import { databasePatienceMs, within } from './within.ts'

/** Counting walks over whole tables, so these may be this old. Milliseconds. */
const countEveryMs = 10_000

type Count = { name: string; count: number }
type Figures = {
  states: Count[]
  outcomes: Count[]
  overdue: { count: number; oldestSeconds: number }
  polls: Count[]
  outages: Array<{ network: string; ability: string }>
  /** Null where no worker was ever heard. */
  beatAgeSeconds: number | null
}

/** The gauges, and what fills them; to be called before each reading. */
export function workFigures(register: Registry, system: System): () => Promise<void> {
  const registers = [register]
  const isUp = new Gauge({ name: 'litfass_database_up', help: 'Whether the database answers', registers })
  const states = new Gauge({
    name: 'litfass_deliveries',
    help: 'Deliveries by state',
    labelNames: ['state'],
    registers,
  })
  const outcomes = new Gauge({
    name: 'litfass_delivery_attempts',
    help: 'Attempts that have ended, by outcome',
    labelNames: ['outcome'],
    registers,
  })
  const late = new Gauge({
    name: 'litfass_overdue_deliveries',
    help: 'Deliveries that are due and have not started',
    registers,
  })
  const oldest = new Gauge({
    name: 'litfass_overdue_seconds',
    help: 'Age of the oldest delivery that is due and has not started',
    registers,
  })
  const polls = new Gauge({
    name: 'litfass_polls_due',
    help: 'Posts and channels whose figures are due to be read',
    labelNames: ['of'],
    registers,
  })
  const outages = new Gauge({
    name: 'litfass_network_outages',
    help: 'Servers of networks that are out of order, by what they cannot do',
    labelNames: ['network', 'ability'],
    registers,
  })
  const beat = new Gauge({
    name: 'litfass_worker_beat_age_seconds',
    help: 'How long ago a worker was heard',
    registers,
  })
  const counted = atMostEvery(countEveryMs, () => countAll(system))
  return async () => {
    const figures = await within(databasePatienceMs, figuresOf(system, counted)).catch(() => null)
    isUp.set(figures === null ? 0 : 1)
    for (const gauge of [states, outcomes, polls, outages]) gauge.reset()
    // A reset gauge without labels would show zero.
    for (const gauge of [late, oldest, beat]) gauge.remove()
    if (figures === null) return
    for (const { name, count } of figures.states) states.set({ state: name }, count)
    for (const { name, count } of figures.outcomes) outcomes.set({ outcome: name }, count)
    for (const { name, count } of figures.polls) polls.set({ of: name }, count)
    for (const { network, ability } of figures.outages) outages.inc({ network, ability })
    late.set(figures.overdue.count)
    oldest.set(figures.overdue.oldestSeconds)
    if (figures.beatAgeSeconds !== null) beat.set(figures.beatAgeSeconds)
  }
}

type Counted = Pick<Figures, 'states' | 'outcomes'>

async function figuresOf(system: System, counted: () => Promise<Counted>): Promise<Figures> {
  const now = system.now()
  const late = await overdue(system.db, now)
  const { rows: polls } = await sql<Count>`
    select 'post' as name, count(*)::int as count from poll where next_at <= ${now}
    union all select 'channel', count(*)::int from channel_poll where next_at <= ${now}`.execute(system.db)
  const { rows: beats } = await sql<{ at: Date | null }>`select max(seen_at) as at from worker`.execute(
    system.db,
  )
  const at = beats[0]?.at ?? null
  const beatAgeSeconds = at === null ? null : (now.getTime() - at.getTime()) / 1_000
  return { ...(await counted()), overdue: late, polls, outages: await listOutages(system), beatAgeSeconds }
}

async function countAll({ db }: System): Promise<Counted> {
  const states = await sql<Count>`
    select state as name, count(*)::int as count from delivery group by state`.execute(db)
  const outcomes = await sql<Count>`
    select outcome as name, count(*)::int as count from attempt where outcome is not null group by outcome`.execute(
    db,
  )
  return { states: states.rows, outcomes: outcomes.rows }
}

function atMostEvery<Value>(ms: number, read: () => Promise<Value>): () => Promise<Value> {
  let value: Promise<Value> | undefined
  let readAt = -Infinity
  return () => {
    if (value === undefined || performance.now() - readAt > ms) {
      readAt = performance.now()
      value = read().catch((cause: unknown) => {
        readAt = -Infinity
        throw cause
      })
    }
    return value
  }
}
