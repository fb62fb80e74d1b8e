/** What is supposed, as a person puts it, and as the API takes it. */
import type { Client } from '../../api.ts'
import { shiftDay, type Span } from '../../period.ts'
import type { Book, NetworkPlan } from '../prices/words.ts'

export const kinds = ['change', 'plan', 'day', 'file'] as const
export type Kind = (typeof kinds)[number]

export type UnitPrice = { id: number; call: string; per: 'request' | 'item'; price: string }

export type Question = {
  kind: Kind
  network: string
  /** Another plan. */
  plan: string
  /** The day whose prices count; empty: each call's own. */
  day: string
  /** A month; empty: as it is. */
  fee: string
  /** Calls cost nothing besides, save the unit prices. */
  isIncluded: boolean
  prices: UnitPrice[]
  file: { name: string; text: string } | null
}

export type ReplayInput = NonNullable<Parameters<Client['prices']['replay']>[0]>

/** A plan of its own, so that no price of the present one counts. */
const supposedPlan = 'own-supposed'
/** More are taken by no entry. */
const callsAtMost = 60

export function firstQuestion(
  networks: readonly NetworkPlan[],
  wanted: string | undefined,
  today: string,
): Question {
  const network = networks.find((one) => one.network === wanted) ?? dearest(networks)
  return {
    kind: 'change',
    network: network?.network ?? '',
    plan: otherPlan(network),
    day: today,
    fee: '',
    isIncluded: false,
    prices: [],
    file: null,
  }
}

/** The one with most plans: prices were changed there before. */
function dearest(networks: readonly NetworkPlan[]): NetworkPlan | undefined {
  return networks.toSorted((a, b) => b.plans.length - a.plans.length)[0]
}

export function otherPlan(network: NetworkPlan | undefined): string {
  return network?.plans.find(({ id }) => id !== network.plan)?.id ?? network?.plan ?? ''
}

/** Only networks with several plans can be on another. */
export function withKind(
  question: Question,
  kind: Kind,
  networks: readonly NetworkPlan[],
): Partial<Question> {
  const several = networks.filter(({ plans }) => plans.length > 1)
  if (kind !== 'plan' || several.some(({ network }) => network === question.network)) return { kind }
  const chosen = dearest(several)
  return chosen ? { kind, network: chosen.network, plan: otherPlan(chosen), prices: [] } : { kind }
}

/** A comma is a decimal point in half of Europe. Null where it is no amount. */
export function amountOf(typed: string): string | null {
  const amount = typed.trim().replaceAll(/[\s']/g, '').replace(',', '.')
  return /^\d{1,9}(\.\d{1,6})?$/.test(amount) ? amount : null
}

export function inputOf(question: Question, book: Book, span: Span): ReplayInput {
  const { kind, network, plan, day, file } = question
  const asOf = day === '' ? {} : { asOf: day }
  if (kind === 'plan') {
    const held = dayHeld(network, plan, book)
    return { ...span, plans: { [network]: plan }, ...(held === null ? {} : { asOf: held }) }
  }
  if (kind === 'day') return { ...span, ...asOf }
  if (kind === 'file') return { ...span, ...asOf, prices: file?.text ?? '' }
  const { plans, entries } = changeOf(question, book)
  if (entries.length === 0) return { ...span, ...asOf }
  const currency = book.networks.find((one) => one.network === network)?.currency ?? 'USD'
  const prices = JSON.stringify({ format: 'litfass-prices/1', currency, entries })
  return { ...span, ...asOf, ...plans, prices }
}

/** The last day a plan's prices held, or the first they will; null where some hold today, or it has none. */
export function dayHeld(network: string, plan: string, { items, on }: Book): string | null {
  const own = items.filter((one) => one.network === network && one.entry.plan === plan)
  const isHeld = own.some(({ entry: { from, to } }) => (from ?? '') <= on && on < (to ?? '9'))
  if (isHeld || own.length === 0) return null
  const ends = own.flatMap(({ entry: { to } }) => (to !== undefined && to <= on ? [shiftDay(to, -1)] : []))
  const starts = own.flatMap(({ entry: { from } }) => from ?? [])
  return ends.toSorted().at(-1) ?? starts.toSorted()[0] ?? null
}

function changeOf({ network, day, fee, isIncluded, prices }: Question, { on, networks, items }: Book) {
  const present = networks.find((one) => one.network === network)
  const plan = isIncluded ? supposedPlan : (present?.plan ?? '')
  const facts = { network, plan, source: 'supposed', readOn: on, ...(day === '' ? {} : { from: day }) }
  const monthly = amountOf(fee)
  const calls = isIncluded ? (present?.calls ?? []) : []
  const isDeduped = (call: string) =>
    items.some(
      (one) =>
        one.network === network && one.isInForce && 'dedupe' in one.entry && one.entry.calls.includes(call),
    )
  return {
    plans: isIncluded ? { plans: { [network]: plan } } : {},
    entries: [
      ...(monthly === null ? [] : [{ unit: 'month', price: monthly, ...facts }]),
      ...chunks(calls).map((some) => ({ unit: 'request', calls: some, price: '0', ...facts })),
      ...prices.map(({ call, per, price }) => ({
        unit: per,
        calls: [call],
        price: amountOf(price),
        ...(per === 'item' && isDeduped(call) ? { dedupe: 'utc-day' } : {}),
        ...facts,
      })),
    ],
  }
}

function chunks(calls: readonly string[]): string[][] {
  const count = Math.ceil(calls.length / callsAtMost)
  return Array.from({ length: count }, (_, index) =>
    calls.slice(index * callsAtMost, (index + 1) * callsAtMost),
  )
}
