/**
 * `/metrics` for Prometheus: the process, how long requests take, and how deliveries stand.
 *
 * Sums over the whole installation, no names and no ids. Without a key it is open only on the machine itself,
 * and only while the server has no public address: behind a proxy everybody seems to come from this machine.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { collectDefaultMetrics, Histogram, Registry } from 'prom-client'
import { requireRole } from '#app/permissions.ts'
import type { Actor, System } from '#app/system.ts'
import { workFigures } from './work-figures.ts'

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
  const refresh = workFigures(register, system)
  let hasDefaults = false
  app.get('/metrics', async (request, reply) => {
    if (!isLocal(request, system)) requireRole(await whoAsks(request), 'admin')
    // Only where somebody reads them: they observe the whole process for as long as it runs.
    if (!hasDefaults) collectDefaultMetrics({ register })
    hasDefaults = true
    await refresh()
    return reply.type(register.contentType).send(await register.metrics())
  })
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
