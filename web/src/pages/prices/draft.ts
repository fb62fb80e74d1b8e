/** A price while it is being written in the form, and the entry it becomes. */
import type { Client } from '../../api.ts'
import type { Entry, NetworkPlan, Price } from './words.ts'

type NewEntry = Parameters<Client['prices']['set']>[0]['entry']

export const units = ['request', 'item', 'event', 'month'] as const
export type Unit = (typeof units)[number]
/** `any`: the price does not ask. */
export type Tristate = 'any' | 'yes' | 'no'

export type Draft = {
  key: string | null
  plan: string
  unit: Unit
  calls: string[]
  price: string
  isUnknown: boolean
  hasLink: Tristate
  isOwned: Tristate
  isSummoned: Tristate
  isDeduped: boolean
  from: string
  to: string
  source: string
  readOn: string
  note: string
}

export const isUnitWithCalls = (unit: Unit) => unit !== 'month'

export function draftOf(plan: NetworkPlan, price: Price | null, today = new Date()): Draft {
  const entry = price?.entry
  const isShipped = price?.origin === 'shipped'
  const when: Conditions = (entry && 'when' in entry ? entry.when : undefined) ?? {}
  return {
    key: entry?.key ?? null,
    plan: entry?.plan ?? plan.plan,
    unit: units.find((unit) => unit === entry?.unit) ?? 'request',
    calls: entry && 'calls' in entry ? [...entry.calls] : [],
    price: entry && 'price' in entry ? (entry.price ?? '') : '',
    isUnknown: entry !== undefined && 'price' in entry && entry.price === null,
    hasLink: tristate(when.hasLink),
    isOwned: tristate(when.isOwned),
    isSummoned: tristate(when.isSummoned),
    isDeduped: entry !== undefined && 'dedupe' in entry && entry.dedupe !== undefined,
    from: entry?.from ?? '',
    to: entry?.to ?? '',
    // What replaces a shipped price stands written elsewhere.
    source: isShipped ? '' : (entry?.source ?? ''),
    readOn: isShipped ? dayOf(today) : (entry?.readOn ?? dayOf(today)),
    note: isShipped ? '' : (entry?.note ?? ''),
  }
}

type Conditions = NonNullable<Extract<Entry, { price: unknown; calls: unknown }>['when']>

const dayOf = (instant: Date) => instant.toISOString().slice(0, 10)

function tristate(value: boolean | undefined): Tristate {
  return value === undefined ? 'any' : value ? 'yes' : 'no'
}

/** `values` are the form's typed fields, named `entry.<field>`. */
export function entryOf(draft: Draft, values: Record<string, string>): NewEntry {
  const typed = (name: string) => (values[`entry.${name}`] ?? '').trim()
  const set = (name: 'from' | 'to' | 'note') => (typed(name) === '' ? {} : { [name]: typed(name) })
  // A comma is a decimal point in half of Europe.
  const price = draft.isUnknown ? null : typed('price').replace(',', '.')
  const facts = {
    ...(draft.key === null ? {} : { key: draft.key }),
    plan: draft.plan,
    source: typed('source'),
    readOn: typed('readOn'),
    ...set('from'),
    ...set('to'),
    ...set('note'),
  }
  if (draft.unit === 'month') return { unit: 'month', price, ...facts }
  const when = whenOf(draft)
  return {
    unit: draft.unit,
    calls: draft.calls,
    price,
    ...(Object.keys(when).length === 0 ? {} : { when }),
    ...(draft.isDeduped && draft.unit === 'item' ? { dedupe: 'utc-day' } : {}),
    ...facts,
  }
}

function whenOf(draft: Draft): Conditions {
  const names = ['hasLink', 'isOwned', 'isSummoned'] as const
  return Object.fromEntries(
    names.flatMap((name) => (draft[name] === 'any' ? [] : [[name, draft[name] === 'yes']])),
  )
}
