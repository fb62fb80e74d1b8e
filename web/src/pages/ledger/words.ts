/** The access ledger in words: purposes, jobs, classes of data, who asked. */
import type { Client, Output } from '../../api.ts'
import { hasText, language, t } from '../../i18n.tsx'
import type { Member } from '../settings/MembersPage.tsx'

export type LedgerReport = Output<Client['accessRecords']['report']>
export type AppReport = LedgerReport['apps'][number]
export type Use = AppReport['uses'][number]
export type Entry = Output<Client['accessRecords']['list']>['items'][number]
export type Check = Output<Client['accessRecords']['verify']>
export type Fault = Check['faults'][number]

/** The product asks networks for nothing else; `ai` is what of theirs went to a model. */
export const purposes = ['publish', 'measure', 'reconcile', 'remove', 'connect', 'converse', 'ai'] as const

/** What calls are made for; a network may bring one nobody has words for yet. */
export function purposeText(purpose: string): string {
  const id = `budgets.purpose.${purpose}`
  return hasText(id) ? t(id) : purpose
}

/** Who made a call: a job that runs by itself, or a person of the workspace. */
export function actorText(actor: string, members: readonly Pick<Member, 'id' | 'name'>[]): string {
  if (actor === 'person') return t('ledger.by.person')
  const job = /^job:(.+)$/.exec(actor)?.[1]
  if (job !== undefined) return hasText(`ledger.job.${job}`) ? t(`ledger.job.${job}`) : job
  return members.find(({ id }) => id === actor)?.name ?? t('ledger.by.former')
}

/** No data at all is read by many calls. */
export function dataText(dataClass: string): string {
  if (dataClass === 'none') return t('ledger.data.none')
  const id = `data.class.${dataClass}`
  return hasText(id) ? t(id) : dataClass
}

/** A UTC day in full. */
export function dayText(day: string): string {
  return new Intl.DateTimeFormat(language() === 'de' ? 'de-DE' : 'en-GB', {
    timeZone: 'UTC',
    day: 'numeric',
    month: 'long',
    year: 'numeric',
  }).format(new Date(`${day}T00:00Z`))
}

export function listText(parts: readonly string[]): string {
  return new Intl.ListFormat(language(), { type: 'conjunction' }).format(parts)
}
