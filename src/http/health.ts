/** Health: `/healthz` for the process, `/readyz` for the product. */
import type { FastifyInstance } from 'fastify'
import { sql } from 'kysely'
import { type InstallationOutage, listOutages } from '#app/outages.ts'
import type { System } from '#app/system.ts'
import { LitfassError } from '#domain/errors.ts'
import { overdue } from '#storage/deliveries.ts'
import { problemOf } from './problem.ts'
import { databasePatienceMs, within } from './within.ts'

/** A due delivery that has not started after this makes `/readyz` red. Seconds. */
const overdueSeconds = 30
/** A worker that has not been seen for this long is gone. Seconds. */
const silentSeconds = 30

type Readiness = {
  ok: boolean
  database: boolean
  overdue: { count: number; oldestSeconds: number } | null
  lastWorkerHeartbeat: Date | null
  /** Networks that are out of order. They are not ours to mend, and turn nothing red. */
  outages: InstallationOutage[]
}

export function health(app: FastifyInstance, system: System): void {
  app.get('/healthz', async () => ({ ok: true }))
  app.get('/readyz', async (request, reply) => {
    const readiness = await within(databasePatienceMs, readinessOf(system)).catch(() => null)
    if (readiness === null) return reply.code(503).send(unreachable(request.id))
    return reply.code(readiness.ok ? 200 : 503).send(readiness)
  })
}

/** Readiness and a problem in one, for probes and for people. */
function unreachable(requestId: string) {
  const problem = new LitfassError('database_unreachable', 'The database does not answer', {
    remedy: 'Check that it runs and can be reached; Litfass goes on by itself when it answers again.',
  })
  const readiness: Readiness = {
    ok: false,
    database: false,
    overdue: null,
    lastWorkerHeartbeat: null,
    outages: [],
  }
  return { ...readiness, ...problemOf(problem, requestId) }
}

/** Red where something is due and nobody works on it: for too long already, or because no worker is alive. */
async function readinessOf(system: System): Promise<Readiness> {
  const now = system.now()
  const late = await overdue(system.db, now)
  const { rows } = await sql<{ at: Date | null }>`select max(seen_at) as at from worker`.execute(system.db)
  const heartbeat = rows[0]?.at ?? null
  const isSilent = heartbeat === null || now.getTime() - heartbeat.getTime() > silentSeconds * 1_000
  const ok = late.oldestSeconds <= overdueSeconds && (late.count === 0 || !isSilent)
  const outages = await listOutages(system)
  return { ok, database: true, overdue: late, lastWorkerHeartbeat: heartbeat, outages }
}
