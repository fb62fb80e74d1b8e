/** The access ledger: what was asked of networks, whether it is whole, and the report that answers for a period. */
import { oc } from '@orpc/contract'
import { z } from 'zod'
import { id, instant, listOf, page } from './common.ts'

/** Earlier ones are mistakes, and the database knows no year 0. */
const day = z.iso.date().refine((value) => value >= '1970-01-01', 'is too early')

export const accessRecord = z.object({
  id: z.string(),
  /** The opening and the settling entry of a call share it. */
  callId: z.string(),
  kind: z.enum(['open', 'settle']),
  at: instant,
  network: z.string(),
  /** The way of signing in, and so the app. */
  login: z.string().nullable(),
  connectionId: z.string().nullable(),
  endpointClass: z.string(),
  dataClass: z.string(),
  purpose: z.string(),
  /** A member's id, or the job, for example `job:deliver`. */
  actor: z.string(),
  outcome: z.string().nullable(),
  status: z.number().int().nullable(),
  items: z.number().int().nullable(),
  /** Of an opening entry, the most it could cost; of a settling one, what it cost. Null where it is not known. */
  amount: z.string().nullable(),
  currency: z.string().nullable(),
  termsVersion: z.string().nullable(),
  waitedMs: z.number().int().nullable(),
  chainId: z.string().nullable(),
  number: z.number().int().nullable(),
  hash: z.string().nullable(),
})

const head = z.object({
  chainId: id,
  number: z.number().int().min(0),
  hash: z.string().regex(/^[0-9a-f]{64}$/, 'is no SHA-256'),
})
/** Where the ledger stood; keep it elsewhere. */
export const anchor = z.object({ workspaceId: id, at: instant, heads: z.array(head).max(100_000) })

export const ledgerCheck = z.object({
  chains: z.number().int(),
  entries: z.number().int(),
  /** Of releases that did not chain them. */
  unchained: z.number().int(),
  /** Calls without a settling entry: under way, or of a process that died. */
  unsettled: z.number().int(),
  faults: z.array(
    z.object({
      kind: z.enum(['changed', 'missing', 'cut-off', 'chain-missing']),
      chainId: z.string(),
      number: z.number().int(),
    }),
  ),
})

const period = {
  /** UTC days; without them the last thirty, today included. */
  from: day.optional(),
  /** The first day that is not covered any more. */
  to: day.optional(),
  network: z.string().max(40).optional(),
}

const use = z.object({
  purpose: z.string(),
  endpointClass: z.string(),
  dataClass: z.string(),
  /** `person`, or the job. */
  actor: z.string(),
  termsVersion: z.string().nullable(),
  calls: z.number().int(),
  items: z.number().int(),
  failed: z.number().int(),
  throttled: z.number().int(),
  unanswered: z.number().int(),
  waitedMs: z.number().int(),
  cost: z.string(),
  currency: z.string().nullable(),
  firstAt: instant,
  lastAt: instant,
})

export const ledgerReport = z.object({
  workspace: z.object({ id, name: z.string() }),
  from: day,
  to: day,
  network: z.string().nullable(),
  madeAt: instant,
  apps: z.array(
    z.object({
      network: z.string(),
      networkName: z.string(),
      login: z.string(),
      connections: z.array(z.object({ id: z.string(), name: z.string().nullable(), sandbox: z.boolean() })),
      calls: z.number().int(),
      items: z.number().int(),
      uses: z.array(use),
      /** What of its data went to a model. */
      ai: z.object({
        calls: z.number().int(),
        items: z.number().int(),
        dataClasses: z.array(z.string()),
        firstAt: instant.nullable(),
        lastAt: instant.nullable(),
      }),
    }),
  ),
  recipients: z.object({ members: z.record(z.string(), z.number().int()), apiKeys: z.number().int() }),
  modelCalls: z.number().int(),
  deletions: z.array(
    z.object({
      network: z.string(),
      item: z.string(),
      dataClass: z.string(),
      reason: z.string(),
      rule: z.string(),
      source: z.string(),
      count: z.number().int(),
      firstAt: instant,
      lastAt: instant,
    }),
  ),
  rules: z.array(
    z.object({
      network: z.string(),
      version: z.string(),
      rules: z.array(
        z.object({ id: z.string(), dataClass: z.string(), rule: z.string(), source: z.string() }),
      ),
    }),
  ),
  integrity: z.object({
    entries: z.number().int(),
    chains: z.number().int(),
    unchained: z.number().int(),
    unsettled: z.number().int(),
    faults: z.number().int(),
  }),
})

export const accessRecords = {
  list: oc
    .route({
      method: 'GET',
      path: '/access-records',
      summary: 'Entries of the access ledger, the newest first',
    })
    .input(
      z.object({
        ...page,
        from: day.optional(),
        to: day.optional(),
        network: z.string().max(40).optional(),
        purpose: z.string().max(40).optional(),
      }),
    )
    .output(listOf(accessRecord)),
  verify: oc
    .route({
      method: 'POST',
      path: '/access-records/verify',
      summary: 'Whether every entry is as it was written; with an anchor also whether none is missing since',
    })
    .input(z.object({ anchor: anchor.optional() }))
    .output(ledgerCheck),
  anchor: oc
    .route({
      method: 'GET',
      path: '/access-records/anchor',
      summary: 'Where the ledger stands; keep it elsewhere',
    })
    .output(anchor),
  report: oc
    .route({
      method: 'GET',
      path: '/access-records/report',
      summary: 'Answers for a period what was read, by which app, what for, and what was deleted',
    })
    .input(z.object(period))
    .output(ledgerReport),
}
