/** Health: `/healthz` for the process, `/readyz` for the product. */
import type { FastifyInstance } from 'fastify'
import { sql } from 'kysely'
import type { System } from '#app/system.ts'
import { overdue } from '#storage/deliveries.ts'

/** A due delivery that has not started after this makes `/readyz` red. Seconds. */
const overdueSeconds = 30

export function health(app: FastifyInstance, system: System): void {
  app.get('/healthz', async () => ({ ok: true }))
  app.get('/readyz', async (_request, reply) => {
    const [late, worker] = await Promise.all([
      overdue(system.db, system.now()),
      sql<{ at: Date | null }>`select max(seen_at) as at from worker`.execute(system.db),
    ])
    const heartbeat = worker.rows[0]?.at ?? null
    const isReady = late.oldestSeconds <= overdueSeconds
    return reply
      .code(isReady ? 200 : 503)
      .send({ ok: isReady, database: true, overdue: late, lastWorkerHeartbeat: heartbeat })
  })
}
