/**
 * Holds calls to budgets: reserves what a call may cost at most before it leaves, and puts in its place what it did
 * cost. Everybody who reserves locks the budgets' rows first, so no number of calls at once gets past one.
 */
import {
  alertReached,
  type Budget,
  concerns,
  hasRoom,
  isFirstInLine,
  leftOf,
  periodEnd,
  periodStart,
  type Spender,
} from '#domain/budget.ts'
import { LitfassError } from '#domain/errors.ts'
import { fromMicros, type Money, toMicros } from '#domain/money.ts'
import {
  addReservations,
  lockUses,
  nameOfUse,
  type Reservation,
  takeReservations,
  type Use,
  type UseKey,
  writeUses,
} from '#storage/budgets.ts'
import type { Handle } from '#storage/deliveries.ts'
import { type NewNotice, putNotices } from '#storage/notices.ts'

/** A call that its budget has no room for; it did not leave. */
export class OverBudget extends LitfassError {
  override name = 'OverBudget'
  /** When the budget's next period begins. */
  readonly until: Date
  constructor(until: Date, left: Money, most: Money) {
    const message = `The API budget has ${left.amount} ${left.currency} left for this; it may cost up to ${most.amount} ${most.currency}`
    super('budget_exhausted', message, {
      remedy: `Raise the budget, or wait until it starts anew on ${until.toISOString().slice(0, 10)}.`,
    })
    this.until = until
  }
}

/** What one call asks of the budgets that concern it. */
export type Asked = {
  callId: string
  workspaceId: string
  deliveryId: string | null
  isSandbox: boolean
  purpose: string
  most: Money
  budgets: readonly Budget[]
  at: Date
}

export function askedOf(
  budgets: readonly Budget[],
  call: Pick<Asked, 'callId' | 'workspaceId' | 'deliveryId' | 'isSandbox' | 'at'> & Omit<Spender, 'currency'>,
  most: Money | null,
): Asked | null {
  if (most === null || toMicros(most.amount) === 0n) return null
  const concerned = budgets.filter((budget) => concerns(budget, { ...call, currency: most.currency }))
  if (concerned.length === 0) return null
  const { callId, workspaceId, deliveryId, isSandbox, purpose, at } = call
  return { callId, workspaceId, deliveryId, isSandbox, purpose, most, budgets: concerned, at }
}

/** A call that ended: what it cost is kept, and what it had reserved beyond is free again. */
export type Ended = {
  callId: string
  workspaceId: string
  spent: Money | null
  isSandbox: boolean
  hasReserved: boolean
  /** Those that concern it, for a call that reserved nothing because nobody knew what it would cost. */
  budgets: readonly Budget[]
  at: Date
}

export type Moved = {
  /** By call. */
  refused: ReadonlyMap<string, OverBudget>
  /** Calls that were settled before, as of a process that seemed dead: they are not counted twice. */
  settledBefore: ReadonlySet<string>
}

/** In the order given. Runs in the transaction that also writes the ledger. */
export async function moveBudgets(
  transaction: Handle,
  asked: readonly Asked[],
  allEnded: readonly Ended[],
  now: Date,
): Promise<Moved> {
  const taken = await takeReservations(transaction, allEnded)
  const [before, ended] = split(allEnded, ({ callId, hasReserved }) => hasReserved && !taken.has(callId))
  const settledBefore = new Set(before.map(({ callId }) => callId))
  const wanted = new Map<string, UseKey>()
  const want = (key: UseKey) => wanted.set(nameOfUse(key), key)
  for (const { uses } of taken.values()) for (const key of uses) want(key)
  for (const one of [...asked, ...ended.filter(({ callId }) => !taken.has(callId))])
    for (const budget of one.budgets) want(useOf(one, budget))
  if (wanted.size === 0) return { refused: new Map(), settledBefore }
  const uses = await lockUses(transaction, [...wanted.values()])
  for (const one of ended) {
    const reservation = taken.get(one.callId)
    const keys = reservation?.uses ?? one.budgets.map((budget) => useOf(one, budget))
    settle(uses, keys, reservation?.amount ?? 0n, one.spent)
  }
  const refused = new Map<string, OverBudget>()
  const reserved: Reservation[] = []
  for (const one of asked) {
    const refusal = refusalOf(uses, one)
    if (refusal) refused.set(one.callId, refusal)
    else reserved.push(reserve(uses, one))
  }
  await addReservations(transaction, reserved)
  await tell(transaction, asked, refused, uses, now)
  await writeUses(transaction, [...uses.values()])
  return { refused, settledBefore }
}

function split<Item>(items: readonly Item[], isFirst: (item: Item) => boolean): [Item[], Item[]] {
  return [items.filter(isFirst), items.filter((item) => !isFirst(item))]
}

function useOf(
  { workspaceId, isSandbox, at }: Pick<Asked, 'workspaceId' | 'isSandbox' | 'at'>,
  budget: Pick<Budget, 'id' | 'period'>,
): UseKey {
  return { budgetId: budget.id, workspaceId, isSandbox, startsOn: periodStart(budget.period, at) }
}

function settle(
  uses: ReadonlyMap<string, Use>,
  keys: readonly UseKey[],
  reserved: bigint,
  spent: Money | null,
): void {
  for (const key of keys) {
    const use = uses.get(nameOfUse(key))
    if (!use) continue
    use.reserved -= reserved
    if (spent !== null) use.spent += toMicros(spent.amount)
  }
}

function refusalOf(uses: ReadonlyMap<string, Use>, one: Asked): OverBudget | null {
  const short = shortFor(uses, one)
  if (!short) return null
  const { budget } = short
  return new OverBudget(periodEnd(budget.period, one.at), leftOf(budget, short, one.purpose), one.most)
}

/** The first that has no room. */
function shortFor(uses: ReadonlyMap<string, Use>, one: Asked): Use | undefined {
  const most = toMicros(one.most.amount)
  return one.budgets
    .flatMap((budget) => uses.get(nameOfUse(useOf(one, budget))) ?? [])
    .find((use) => !hasRoom(use.budget, use, one.purpose, most))
}

function reserve(uses: ReadonlyMap<string, Use>, one: Asked): Reservation {
  const amount = toMicros(one.most.amount)
  const keys = one.budgets.map((budget) => useOf(one, budget)).filter((key) => uses.has(nameOfUse(key)))
  for (const key of keys) {
    const use = uses.get(nameOfUse(key))
    if (use) use.reserved += amount
  }
  const { callId, workspaceId, deliveryId, at } = one
  return { callId, workspaceId, deliveryId, amount, uses: keys, at }
}

/** Above every step: what was to go out is kept back. */
const full = 101

/**
 * Once for each step of each period. Where what is to go out is refused it is full, however much is left: people ask
 * why nothing goes out.
 */
async function tell(
  transaction: Handle,
  asked: readonly Asked[],
  refused: ReadonlyMap<string, OverBudget>,
  uses: ReadonlyMap<string, Use>,
  now: Date,
): Promise<void> {
  const reached = new Map<Use, { step: number; at: Date }>()
  for (const one of asked) {
    const short = refused.has(one.callId) && isFirstInLine(one.purpose) ? shortFor(uses, one) : undefined
    for (const budget of one.budgets) {
      const use = uses.get(nameOfUse(useOf(one, budget)))
      if (!use) continue
      const step = use === short ? full : alertReached(use.budget, use)
      reached.set(use, { step: Math.max(step, reached.get(use)?.step ?? 0), at: one.at })
    }
  }
  const notices = []
  for (const [use, { step, at }] of reached) {
    if (step <= use.alerted) continue
    use.alerted = step
    notices.push(noticeOf(use, step, at))
  }
  await putNotices(transaction, notices, now)
}

function noticeOf(
  { budget, isSandbox, spent, reserved, workspaceId }: Use,
  step: number,
  at: Date,
): NewNotice {
  return {
    workspaceId,
    kind: 'budget-reached',
    subjectKind: 'budget',
    // What is told of practice does not take the place of what is told of money.
    subjectId: isSandbox ? `${budget.id}/sandbox` : budget.id,
    params: {
      ...(step === full ? { full: 1 } : { percent: step }),
      amount: budget.amount.amount,
      currency: budget.amount.currency,
      used: fromMicros(spent + reserved),
      period: budget.period,
      until: periodEnd(budget.period, at).toISOString(),
      ...(isSandbox ? { sandbox: 1 } : {}),
      ...(budget.isHard ? {} : { cause: 'soft' }),
      ...(budget.network === null ? {} : { networkId: budget.network }),
      ...(budget.purpose === null ? {} : { purpose: budget.purpose }),
    },
  }
}
