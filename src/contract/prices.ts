/** Prices: what calls cost a workspace, shipped or its own, and the plan it is on at each network. */
import { oc } from '@orpc/contract'
import { z } from 'zod'
import { id, instant, money, written } from './common.ts'

const day = z.iso.date()
const amount = z
  .string()
  .regex(/^\d{1,9}(\.\d{1,6})?$/, 'is no amount such as 0.015, with at most six places')
const network = z.string().min(1).max(40)
const plan = z
  .string()
  .max(60)
  .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'is not made of small letters, digits and hyphens')
const call = z
  .string()
  .max(80)
  .regex(/^[a-z0-9][a-z0-9.-]*$/, 'is no kind of call')
const calls = z.array(call).min(1).max(60)

const facts = {
  /** Names it within the network; an own price with a shipped one’s key takes its place. Made up where absent. */
  key: z
    .string()
    .min(1)
    .max(200)
    .regex(/^[\w.:+-]+$/, 'is not made of letters, digits and . : + - _')
    .optional(),
  plan,
  /** First day it holds; absent: always. UTC days. */
  from: day.optional(),
  /** First day it holds no more. */
  to: day.optional(),
  /** Where it stands written: an address, or words such as “our contract”. */
  source: written(500).min(1),
  readOn: day,
  confidence: z.enum(['high', 'medium', 'low']).optional(),
  note: written(500).optional(),
}
const conditions = z.strictObject({
  hasLink: z.boolean().optional(),
  /** The account that is read owns the app. */
  isOwned: z.boolean().optional(),
  /** An answer to somebody who mentioned or quoted the account. */
  isSummoned: z.boolean().optional(),
})
const variants = [
  z.strictObject({
    unit: z.enum(['request', 'item', 'event']),
    calls,
    when: conditions.optional(),
    /** Null where it is not known, which is not the same as nothing. */
    price: amount.nullable(),
    /** The same item is charged once in a UTC day. */
    dedupe: z.literal('utc-day').optional(),
    ...facts,
  }),
  z.strictObject({ unit: z.literal('month'), price: amount.nullable(), ...facts }),
  z.strictObject({
    /** So many in a window; beyond it each costs `beyond` besides, or is refused where that is absent. */
    unit: z.literal('bundle'),
    calls,
    counts: z.enum(['request', 'item']),
    size: z.number().int().min(0).max(1e12).nullable(),
    window: z.enum(['day', 'month']),
    beyond: amount.optional(),
    ...facts,
  }),
  z.strictObject({
    /** How much is allowed is known to the network alone. */
    unit: z.literal('formula'),
    calls,
    formula: written(200).min(1),
    toldBy: written(200).min(1),
    ...facts,
  }),
] as const

/** One price as it is written and imported. */
export const priceEntry = z
  .discriminatedUnion('unit', variants)
  .refine(({ from, to }) => from === undefined || to === undefined || from < to, {
    path: ['to'],
    message: 'is not after the first day',
  })

export const price = z.object({
  network,
  entry: z.discriminatedUnion('unit', variants),
  origin: z.enum(['shipped', 'own']),
  /** Of an own price, to remove it; null of a shipped one. */
  id: id.nullable(),
  /** Whether an own price stands in the place of a shipped one. */
  replacesShipped: z.boolean(),
  /** Whether it holds on the day that was asked for, by the plan the workspace is on. */
  isInForce: z.boolean(),
  updatedAt: instant.nullable(),
})

/** How a workspace is charged at one network. */
export const networkPlan = z.object({
  network,
  name: z.string(),
  currency: z.string(),
  /** The plan the workspace is on. */
  plan: z.string(),
  isChosen: z.boolean(),
  plans: z.array(z.object({ id: z.string(), name: z.string(), monthlyFee: money.nullable() })),
  /** Whether some price depends on whose the app is. */
  dependsOnOwner: z.boolean(),
  /** Connections whose account owns the app. */
  owners: z.array(id),
  /** Every kind of call the book names. */
  calls: z.array(z.string()),
})

/** An account at a network where reading its own costs less for who owns the app. */
export const appOwner = z.object({
  connectionId: id,
  network,
  name: z.string(),
  sandbox: z.boolean(),
  isOwner: z.boolean(),
  /** What each item costs as owner, and otherwise, by kinds of call. */
  prices: z.array(z.object({ calls: z.array(z.string()), owned: money, otherwise: money })),
  /** Of so many days. */
  days: z.number().int(),
  /** How many such items were read. */
  items: z.number().int(),
  /** What they cost less for the owner. */
  difference: money,
})

/** The file of an export or import. */
export const priceFile = z.object({
  format: z.literal('litfass-prices/1'),
  currency: z.string(),
  entries: z.array(z.looseObject({ network })),
})

/** What the calls of one network in a time and its plan came to, and would have come to. */
export const repriced = z.object({
  network,
  /** The plan it is priced by; calls that were made by another keep theirs unless one is asked for. */
  plan: z.string(),
  /** Answered calls of the time. */
  requests: z.number().int(),
  /** Calls and the plan’s fee. */
  was: money,
  would: money,
  /** `would` less `was`. */
  difference: money,
  /**
   * What of `was` and `would` is the plan’s monthly fee: each day of the time bears its share of its month. Null where
   * it is not known; then it is in neither. What the past plan was is told by the present one.
   */
  fees: z.object({ was: money.nullable(), would: money.nullable() }),
  /** Calls whose price is not known; they are in neither sum. */
  unknownRequests: z.number().int(),
  /** Calls that the network would have refused, because a bundle without a price beyond it was used up. */
  refusedRequests: z.number().int(),
  /** The calls by what they were made for, the dearest first. */
  purposes: z.array(z.object({ purpose: z.string(), requests: z.number().int(), was: money, would: money })),
  /** How much of reading posts’ figures is of older posts; null where that is not charged. */
  olderReads: z.object({ afterDays: z.number().int(), percent: z.number().int() }).nullable(),
  /** Posts that went to the network in the time, and how many of them went to others too. */
  alsoOn: z.object({
    posts: z.number().int(),
    networks: z.array(z.object({ network, posts: z.number().int() })),
  }),
})

/** What the time priced anew does to an API budget, its networks’ fees included where it is for all of them. */
export const replayedBudget = z.object({
  id,
  network: z.string().nullable(),
  connectionId: id.nullable(),
  purpose: z.string().nullable(),
  period: z.enum(['day', 'month']),
  isHard: z.boolean(),
  /** In the time; of a month that is not whole its share. */
  allowed: money,
  would: money,
  /** What lies beyond it, day by day or month by month. */
  outside: money,
  /** Of which calls that is, if publishing comes first. `fee` is the plan’s. */
  outsideBy: z.array(z.object({ purpose: z.string(), amount: money })),
})

export const prices = {
  list: oc
    .route({ method: 'GET', path: '/prices', summary: 'The price book as it holds for this workspace' })
    .input(
      z.object({
        network: network.optional(),
        plan: plan.optional(),
        /** What `isInForce` is told for. Default today. */
        on: day.optional(),
      }),
    )
    .output(z.object({ on: day, networks: z.array(networkPlan), items: z.array(price) })),
  set: oc
    .route({
      method: 'PUT',
      path: '/prices',
      summary: 'Set a price of your own; one with the same network and key is replaced',
    })
    .input(z.object({ network, entry: priceEntry }))
    .output(price),
  remove: oc
    .route({
      method: 'DELETE',
      path: '/prices/{id}',
      summary: 'Remove a price of your own; the shipped one it replaced holds again',
    })
    .input(z.object({ id }))
    .output(z.object({ id })),
  choosePlan: oc
    .route({
      method: 'PUT',
      path: '/prices/plans/{network}',
      summary: 'Choose the plan you are on at a network',
    })
    .input(z.object({ network, plan, owners: z.array(id).max(200).optional() }))
    .output(networkPlan),
  owners: oc
    .route({
      method: 'GET',
      path: '/prices/owners',
      summary: 'Accounts that may own the app, where that makes reading cheaper',
    })
    .output(z.object({ items: z.array(appOwner) })),
  setOwner: oc
    .route({
      method: 'PUT',
      path: '/prices/owners/{connectionId}',
      summary: 'Say whether an account owns the app; no network tells it',
    })
    .input(z.object({ connectionId: id, isOwner: z.boolean() }))
    .output(appOwner),
  import: oc
    .route({
      method: 'POST',
      path: '/prices/import',
      summary: 'Take over a file of prices as your own; all of it or, where a line is wrong, nothing',
    })
    .input(
      z.object({
        /** The text of the file, so that what is wrong can be told by line. */
        text: z.string().min(1).max(2_000_000),
        /** Only say what would change. */
        dryRun: z.boolean().default(false),
      }),
    )
    .output(
      z.object({
        added: z.number().int(),
        replaced: z.number().int(),
        /** As they are already, shipped or your own. */
        unchanged: z.number().int(),
      }),
    ),
  export: oc
    .route({ method: 'GET', path: '/prices/export', summary: 'The prices as a file that can be imported' })
    .input(
      z.object({
        /** Leave the shipped ones out. */
        ownOnly: z.stringbool().default(false),
      }),
    )
    .output(priceFile),
  replay: oc
    .route({
      method: 'POST',
      path: '/prices/replay',
      summary: 'What a time would have cost by today’s book, another day, another plan or other prices',
    })
    .input(
      z.object({
        /** UTC days; `to` is the first that is left out. Without them the last thirty, today included. */
        from: day.optional(),
        to: day.optional(),
        network: network.optional(),
        /** Price everything as if it were of this day. Absent: by its own day. */
        asOf: day.optional(),
        /** Another plan, by network. Absent: the plan in force at each call. */
        plans: z.record(network, plan).optional(),
        /** The text of a price file: its prices count as if they had been imported; nothing is saved. */
        prices: z.string().min(1).max(2_000_000).optional(),
      }),
    )
    .output(z.object({ from: day, to: day, items: z.array(repriced), budgets: z.array(replayedBudget) })),
}
