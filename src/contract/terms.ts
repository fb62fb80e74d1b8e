/** Terms and prices of networks: when they were read last, and that somebody read them again. */
import { oc } from '@orpc/contract'
import { z } from 'zod'
import { id, instant, written } from './common.ts'

export const termsSubject = z.enum(['data-rules', 'prices'])

const reading = z.object({
  id,
  readOn: z.iso.date(),
  version: z.string(),
  /** Whether they say something else than what Litfass ships. */
  hasChanged: z.boolean(),
  note: z.string(),
  /** Null for who is no member any more. */
  by: z.string().nullable(),
  at: instant,
})

export const terms = z.object({
  network: z.string(),
  name: z.string(),
  subject: termsSubject,
  /** Of the last reading; new entries of the ledger name that of the data rules. */
  version: z.string(),
  readOn: z.iso.date(),
  ageDays: z.number().int(),
  isOverdue: z.boolean(),
  /** The last reading said so; what Litfass ships may be wrong since. */
  hasChanged: z.boolean(),
  /** What Litfass ships. */
  shipped: z.object({ version: z.string(), readOn: z.iso.date() }),
  sources: z.array(z.string()),
  /** When the version of the interface ends that Litfass speaks; null where no end is known. */
  versionEndsOn: z.string().nullable(),
  /** The workspace’s own readings, the last first. */
  readings: z.array(reading),
})

export const termsRoutes = {
  list: oc
    .route({ method: 'GET', path: '/terms', summary: 'When each network’s terms and prices were read last' })
    .output(z.object({ rereadAfterDays: z.number().int(), items: z.array(terms) })),
  read: oc
    .route({
      method: 'POST',
      path: '/terms/readings',
      summary: 'Record that you read a network’s terms or prices again',
      successStatus: 201,
    })
    .input(
      z.object({
        network: z.string().max(40),
        subject: termsSubject.default('data-rules'),
        /** Default today. */
        readOn: z.iso.date().optional(),
        /** As the network names or dates it. Default what it was before, where nothing changed. */
        version: written(60).optional(),
        hasChanged: z.boolean().default(false),
        note: written(500).default(''),
      }),
    )
    .output(terms),
}
