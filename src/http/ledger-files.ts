/** The access ledger's report as a PDF to download. */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { ledgerPdf } from '#app/ledger-pdf.ts'
import { reportLedger } from '#app/ledger-report.ts'
import type { Actor, System } from '#app/system.ts'
import { LitfassError } from '#domain/errors.ts'

const query = z.object({
  from: z.iso.date().optional(),
  to: z.iso.date().optional(),
  network: z.string().max(40).optional(),
  /** A download sends no header, so its address names the workspace. */
  workspace: z.string().max(80).optional(),
})

export function ledgerFiles(
  app: FastifyInstance,
  system: System,
  actorOf: (request: FastifyRequest, workspace?: string) => Promise<Actor>,
): void {
  app.get('/api/v1/access-records/report.pdf', async (request, reply) => {
    const asked = query.safeParse(request.query)
    if (!asked.success)
      throw new LitfassError('invalid_input', 'The period of the report is wrong', {
        remedy: 'Send `from` and `to` as days, for example 2026-11-01 and 2026-12-01.',
        issues: asked.error.issues.map(({ path, message }) => ({ path: path.join('.'), message })),
      })
    const { workspace, ...period } = asked.data
    const report = await reportLedger(system, await actorOf(request, workspace), period)
    return reply
      .type('application/pdf')
      .header('content-disposition', `attachment; filename="access-report-${report.from}-${report.to}.pdf"`)
      .header('cache-control', 'no-store')
      .send(await ledgerPdf(report))
  })
}
