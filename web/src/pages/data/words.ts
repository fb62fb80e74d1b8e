/** Data read from networks, in words: classes, periods, reasons. */
import type { Client, Output } from '../../api.ts'
import { hasText, t } from '../../i18n.tsx'

export type KeptNetwork = Output<Client['data']['kept']>['items'][number]
export type KeptClass = KeptNetwork['classes'][number]
export type DataRule = KeptClass['rules'][number]
export type Deletion = Output<Client['data']['deletions']>['items'][number]
export type Certificate = Output<Client['data']['certificates']>['items'][number]

/** Networks may bring classes nobody has words for yet. */
export function className(dataClass: string): string {
  const id = `data.class.${dataClass}`
  return hasText(id) ? t(id) : dataClass
}

/** `P6M` as "6 months". */
export function periodName(period: string | null): string {
  const [, count, unit] = /(\d+)([HDMY])$/.exec(period ?? '') ?? []
  if (unit === undefined) return t('data.period.none')
  const isWeeks = unit === 'D' && Number(count) % 7 === 0
  return isWeeks
    ? t('data.period.W', { count: Number(count) / 7 })
    : t(`data.period.${unit}`, { count: Number(count) })
}

export function itemName({ item, count }: Pick<Certificate, 'item' | 'count'>): string {
  return t(`data.item.${item}`, { count })
}
