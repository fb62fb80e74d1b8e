/** Prices in words: what a price is for, how much, when it holds. */
import type { Client, Output } from '../../api.ts'
import type { Format } from '../../format.ts'
import { hasText, language, t } from '../../i18n.tsx'

export type Book = Output<Client['prices']['list']>
export type Price = Book['items'][number]
export type NetworkPlan = Book['networks'][number]
export type Entry = Price['entry']

/** A network may bring a kind of call nobody has named yet. */
export function callText(call: string): string {
  const id = `prices.call.${call.replaceAll('.', '-')}`
  return hasText(id) ? t(id) : call
}

export function subjectText(entry: Entry): string {
  if (entry.unit === 'month') return t('prices.subject.plan')
  return new Intl.ListFormat(language(), { type: 'conjunction' }).format(entry.calls.map(callText))
}

export function conditionTexts(entry: Entry): string[] {
  const when = ('when' in entry ? entry.when : undefined) ?? {}
  return (['hasLink', 'isOwned', 'isSummoned'] as const).flatMap((name) => {
    const is = when[name]
    return is === undefined ? [] : [t(`prices.when.${name}.${is ? 'yes' : 'no'}`)]
  })
}

/** Null where the price is not known. */
export function amountText(entry: Entry, currency: string, { money, number }: Format): string | null {
  switch (entry.unit) {
    case 'formula':
      return entry.formula
    case 'bundle': {
      if (entry.size === null) return null
      const params = { size: number(entry.size) }
      return entry.beyond === undefined
        ? t('prices.amount.cap', params)
        : t('prices.amount.beyond', { ...params, price: money({ amount: entry.beyond, currency }) })
    }
    case 'request':
    case 'item':
    case 'event':
    case 'month':
      return entry.price === null ? null : money({ amount: entry.price, currency })
  }
}

export function perText(entry: Entry): string {
  if (entry.unit === 'formula') return t('prices.per.formula', { header: entry.toldBy })
  if (entry.unit === 'bundle') return t(`prices.per.bundle.${entry.counts}.${entry.window}`)
  const isDeduped = 'dedupe' in entry && entry.dedupe !== undefined
  return isDeduped ? t('prices.per.dedupe') : t(`prices.per.${entry.unit}`)
}

export function timeText({ from, to }: Entry, day: (day: string) => string): string {
  if (from === undefined)
    return to === undefined ? t('prices.time.always') : t('prices.time.to', { to: day(to) })
  return to === undefined
    ? t('prices.time.from', { from: day(from) })
    : t('prices.time.both', { from: day(from), to: day(to) })
}

/** A day of the price book as people write it; it is a UTC day, whatever the workspace's zone is. */
export function dayText(day: string): string {
  return new Intl.DateTimeFormat(language() === 'de' ? 'de-DE' : 'en-GB', {
    timeZone: 'UTC',
    day: 'numeric',
    month: 'short',
    year: 'numeric',
  }).format(new Date(`${day}T00:00Z`))
}

/** Where it stands written, if that is an address: what people read of it. */
export function hostOf(source: string): string | null {
  if (!/^https?:\/\//.test(source) || !URL.canParse(source)) return null
  return new URL(source).hostname.replace(/^www\./, '')
}
