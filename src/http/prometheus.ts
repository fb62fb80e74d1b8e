/**
 * `/metrics` for Prometheus: the process, how long requests take, and how deliveries stand.
 *
 * Sums over the whole installation, no names and no ids. Without a key it is open only on the machine itself,
 * and only while the server has no public address: behind a proxy everybody seems to come from this machine.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { sql } from 'kysely'
import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import { requireRole } from '#app/permissions.ts'
import type { Actor, System } from '#app/system.ts'
import { overdue } from '#storage/deliveries.ts'

/** Counting walks over whole tables, so a figure may be this old. Milliseconds. */
const countEveryMs = 10_000

const labels = new WeakMap<FastifyRequest, string>()

/** Names the route a request is counted under, where the server knows it better than by its pattern. */
export function countAs(request: FastifyRequest, route: string): void {
  labels.set(request, route)
}

export function prometheus(
  app: FastifyInstance,
  system: System,
  whoAsks: (request: FastifyRequest) => Promise<Actor>,
): void {
  const register = new Registry()
  const durations = new Histogram({
    name: 'litfass_http_request_duration_seconds',
    help: 'How long requests took',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [register],
  })
  app.addHook('onResponse', async (request, reply) => {
    const route = labels.get(request) ?? request.routeOptions.url ?? 'none'
    durations.observe({ method: request.method, route, status: reply.statusCode }, reply.elapsedTime / 1_000)
  })
  deliveryGauges(register, system)
  let hasDefaults = false
  app.get('/metrics', async (request, reply) => {
    if (!isLocal(request, system)) requireRole(await whoAsks(request), 'admin')
    // Only where somebody reads them: they observe the whole process for as long as it runs.
    if (!hasDefaults) collectDefaultMetrics({ register })
    hasDefaults = true
    return reply.type(register.contentType).send(await register.metrics())
  })
}

function deliveryGauges(register: Registry, system: System): void {
  const figures = atMostEvery(countEveryMs, () => count(system))
  const states = new Gauge({
    name: 'litfass_deliveries',
    help: 'Deliveries by state',
    labelNames: ['state'],
    registers: [register],
    collect: async () => {
      states.reset()
      for (const { state, count: value } of (await figures()).states) states.set({ state }, value)
    },
  })
  const attempts = new Gauge({
    name: 'litfass_delivery_attempts',
    help: 'Attempts that have ended, by outcome',
    labelNames: ['outcome'],
    registers: [register],
    collect: async () => {
      attempts.reset()
      for (const { outcome, count: value } of (await figures()).outcomes) attempts.set({ outcome }, value)
    },
  })
  const late: Gauge = new Gauge({
    name: 'litfass_overdue_seconds',
    help: 'Age of the oldest delivery that is due and has not started',
    registers: [register],
    collect: async () => late.set((await overdue(system.db, system.now())).oldestSeconds),
  })
}

type Figures = {
  states: Array<{ state: string; count: number }>
  outcomes: Array<{ outcome: string; count: number }>
}

async function count({ db }: System): Promise<Figures> {
  const states = await sql<Figures['states'][number]>`
    select state, count(*)::int as count from delivery group by state`.execute(db)
  const outcomes = await sql<Figures['outcomes'][number]>`
    select outcome, count(*)::int as count from attempt where outcome is not null group by outcome`.execute(
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

const forwarding = ['forwarded', 'x-forwarded-for', 'x-real-ip', 'via']
const loopback = /^(127\.\d+\.\d+\.\d+|localhost|::1|\[::1\]|::ffff:127\.\d+\.\d+\.\d+)$/

function isLocal(request: FastifyRequest, system: System): boolean {
  return (
    loopback.test(request.socket.remoteAddress ?? '') &&
    loopback.test(new URL(system.origin).hostname) &&
    forwarding.every((name) => request.headers[name] === undefined)
  )
}
