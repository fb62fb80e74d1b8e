/** API budgets: what calls may cost in a day or month; and charges: what they did cost. */
import { oc } from '@orpc/contract'
import { z } from 'zod'
import { spendingPurposes } from '#domain/budget.ts'
import { id, instant, listOf, money, page } from './common.ts'

const day = z.iso.date()
const network = z.string().min(1).max(40)
const purpose = z.enum(spendingPurposes)
const period = z.enum(['day', 'month'])
const amount = z
  .string()
  .regex(/^\d{1,9}(\.\d{1,6})?$/, 'is no amount such as 25 or 0.50, with at most six places')

const scope = {
  /** Null: all networks. */
  network: z.string().nullable(),
  /** Null: every account. */
  connectionId: id.nullable(),
  /** Null: whatever calls are made for. */
  purpose: purpose.nullable(),
  /** A UTC day, or a month of UTC days. */
  period,
}

/** What is used, left and foreseen in the present period. */
const standing = {
  spent: money,
  /** By calls under way: the most they may cost. */
  reserved: money,
  /** For publishing. */
  left: money,
  leftForReads: money,
  forecast: z.object({
    /** By the end of the period, if it goes on as it did; null while it is too early to tell. */
    byPace: money.nullable(),
    /** By the end of the period, if what is scheduled goes out and figures are read as usual. */
    byPlan: money,
  }),
}

export const budget = z.object({
  id,
  ...scope,
  amount: money,
  /** Percent of the amount at which people are told. */
  alerts: z.array(z.number().int()),
  /** Whether calls stop at its end; else people are only told. */
  isHard: z.boolean(),
  /** Percent that reading may not touch, so that it never keeps publishing from going out. */
  protectedPercent: z.number().int(),
  /** First day of the present period. */
  startsOn: day,
  /** When the next one begins. */
  endsAt: instant,
  ...standing,
  /** By simulated accounts, which cost nothing real and count apart by the same amount; null where there was none. */
  practice: z.object(standing).nullable(),
  createdAt: instant,
  updatedAt: instant,
})

/** What a budget says to a post before it is saved. */
export const budgetRoom = z.object({
  id,
  ...scope,
  purpose: z.string().nullable(),
  isHard: z.boolean(),
  amount: money,
  /** For publishing, in the period the post is due in. */
  left: money,
  /** What the post takes of it. */
  needed: money,
  hasRoom: z.boolean(),
  /** By simulated accounts, which count apart. */
  sandbox: z.boolean(),
  /** When it starts anew. */
  endsAt: instant,
})

/** A budget for a month where calls cost and none limits them. Holds only once somebody sets it. */
export const budgetProposal = z.object({
  network: z.string(),
  amount: money,
  /** What one post costs; null where links make no difference. */
  perPost: z.object({ withLink: money, withoutLink: money }).nullable(),
  /** Only simulated accounts are connected: nothing real is charged. */
  isPractice: z.boolean(),
})

const terms = {
  /** Default 50, 80 and 100. */
  alerts: z.array(z.number().int().min(1).max(100)).max(10).optional(),
  /** Default true. */
  isHard: z.boolean().optional(),
  /** Default 20. */
  protectedPercent: z.number().int().min(0).max(100).optional(),
}
export const newBudget = z.object({
  network: network.nullish(),
  connectionId: id.nullish(),
  purpose: purpose.nullish(),
  period,
  amount,
  /** Absent: what the networks charge in. */
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/)
    .optional(),
  ...terms,
})
export const budgetChange = z.object({ id, amount: amount.optional(), ...terms })

export const budgets = {
  list: oc
    .route({
      method: 'GET',
      path: '/budgets',
      summary:
        'API budgets with what is used, left and foreseen; and proposals where calls cost and none holds',
    })
    .output(z.object({ items: z.array(budget), proposals: z.array(budgetProposal) })),
  create: oc
    .route({ method: 'POST', path: '/budgets', summary: 'Set an API budget', successStatus: 201 })
    .input(newBudget)
    .output(budget),
  change: oc
    .route({
      method: 'PUT',
      path: '/budgets/{id}',
      summary: 'Change an API budget; what it kept back and now has room goes on, unless it is too late',
    })
    .input(budgetChange)
    .output(budget),
  remove: oc
    .route({
      method: 'DELETE',
      path: '/budgets/{id}',
      summary: 'Remove an API budget; what it kept back goes on',
    })
    .input(z.object({ id }))
    .output(z.object({ id })),
}

export const charge = z.object({
  id,
  at: instant,
  network: z.string(),
  connectionId: z.string().nullable(),
  deliveryId: z.string().nullable(),
  postId: z.string().nullable(),
  endpointClass: z.string(),
  purpose: z.string(),
  amount: money,
  /** The answer was lost, and this is the most the call may have cost. */
  isAssumed: z.boolean(),
  /** Of a simulated account: nothing real was charged. */
  sandbox: z.boolean(),
})

export const chargeSum = z.object({
  /** A network, a purpose, or a UTC day, as asked for. */
  of: z.string(),
  charges: z.number().int(),
  amount: money,
  /** Of the amount, what is assumed. */
  assumed: money,
  /** Of the amount, what is practice on simulated accounts. */
  sandbox: money,
})

const filters = {
  /** UTC days; `to` is the first that is left out. */
  from: day.optional(),
  to: day.optional(),
  network: network.optional(),
  connectionId: id.optional(),
  purpose: purpose.optional(),
  deliveryId: id.optional(),
  /** Only those that are assumed. */
  assumed: z.stringbool().optional(),
}

export const charges = {
  list: oc
    .route({ method: 'GET', path: '/charges', summary: 'What calls did cost, newest first' })
    .input(z.object({ ...page, ...filters }))
    .output(listOf(charge)),
  sums: oc
    .route({
      method: 'GET',
      path: '/charges/sums',
      summary: 'What calls did cost, by network, purpose or day',
    })
    .input(z.object({ by: z.enum(['network', 'purpose', 'day']).default('day'), ...filters }))
    .output(z.object({ items: z.array(chargeSum) })),
  planned: oc
    .route({
      method: 'GET',
      path: '/charges/planned',
      summary: 'What is to come of what is scheduled and of reading figures, by day in the workspace’s zone',
    })
    .input(
      z.object({
        /** Default now; what is past is planned no more. */
        from: instant.optional(),
        /** Default 31 days after that; at most a year from now. */
        to: instant.optional(),
      }),
    )
    .output(
      z.object({
        items: z.array(
          z.object({ day, network: z.string(), purpose: z.enum(['publish', 'measure']), amount: money }),
        ),
      }),
    ),
}
