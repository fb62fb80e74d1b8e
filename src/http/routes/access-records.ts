/** The access ledger: entries, check, anchor and report. */
import { listAccessRecords, takeAnchor, verifyLedger } from '#app/access-ledger.ts'
import { reportLedger } from '#app/ledger-report.ts'
import type { System } from '#app/system.ts'
import { json } from './json.ts'
import type { Api } from './kit.ts'

export function accessRecordRoutes(api: Api, system: System) {
  return {
    accessRecords: {
      list: api.accessRecords.list.handler(async ({ context, input }) =>
        json(await listAccessRecords(system, context.actor, input)),
      ),
      verify: api.accessRecords.verify.handler(async ({ context, input }) => {
        const { faults, ...check } = await verifyLedger(system, context.actor, input.anchor ?? null)
        return { ...check, faults: [...faults] }
      }),
      anchor: api.accessRecords.anchor.handler(async ({ context }) => {
        const { heads, ...anchor } = await takeAnchor(system, context.actor)
        return { ...anchor, heads: [...heads] }
      }),
      report: api.accessRecords.report.handler(async ({ context, input }) =>
        json(await reportLedger(system, context.actor, input)),
      ),
    },
  }
}
