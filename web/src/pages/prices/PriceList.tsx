/** The prices of a network: a table where there is room, a list of cards on a phone. */
import type { ReactNode } from 'react'
import { useFormat } from '../../format.ts'
import { t } from '../../i18n.tsx'
import { Badge } from '../../ui/Badge.tsx'
import { IconButton } from '../../ui/IconButton.tsx'
import { ExternalLink } from '../../ui/Link.tsx'
import { useIsWide } from '../../ui/useIsWide.ts'
import {
  amountText,
  conditionTexts,
  dayText,
  hostOf,
  type NetworkPlan,
  perText,
  type Price,
  subjectText,
  timeText,
} from './words.ts'

type Props = {
  prices: readonly Price[]
  plan: NetworkPlan
  /** Prices of several plans and times are among them. */
  isMixed: boolean
  /** Absent where the person may not. */
  onEdit?: ((price: Price) => void) | undefined
  onRemove?: ((price: Price) => void) | undefined
}

export function PriceList(props: Props): ReactNode {
  const isWide = useIsWide()
  return isWide ? <PriceTable {...props} /> : <PriceCards {...props} />
}

const cell = 'px-4 py-3 align-top'

function PriceTable({ prices, plan, isMixed, onEdit, onRemove }: Props): ReactNode {
  return (
    <div className="overflow-x-auto rounded-xl border border-line bg-surface shadow-low">
      <table className="w-full border-collapse text-left text-sm">
        <thead className="border-b border-line bg-sunken/60 text-xs text-muted">
          <tr>
            <th className="w-2/5 px-4 py-2.5 font-medium">{t('prices.column.subject')}</th>
            <th className="px-4 py-2.5 font-medium">{t('prices.column.price')}</th>
            <th className="px-4 py-2.5 font-medium">{t('prices.column.time')}</th>
            <th className="px-4 py-2.5 font-medium">{t('prices.column.source')}</th>
            {onEdit && (
              <th className="px-2">
                <span className="sr-only">{t('prices.column.actions')}</span>
              </th>
            )}
          </tr>
        </thead>
        <tbody className="divide-y divide-line">
          {prices.map((price) => (
            <tr key={price.entry.key}>
              <th scope="row" className={`${cell} font-normal`}>
                <Subject price={price} plan={plan} isMixed={isMixed} />
              </th>
              <td className={cell}>
                <Amount price={price} plan={plan} />
              </td>
              <td className={`${cell} text-muted`}>{timeText(price.entry, dayText)}</td>
              <td className={cell}>
                <Source price={price} />
              </td>
              {onEdit && (
                <td className="px-2 py-2 align-top whitespace-nowrap">
                  <Actions price={price} onEdit={onEdit} onRemove={onRemove} />
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function PriceCards({ prices, plan, isMixed, onEdit, onRemove }: Props): ReactNode {
  return (
    <ul className="divide-y divide-line overflow-hidden rounded-xl border border-line bg-surface text-sm shadow-low">
      {prices.map((price) => (
        <li key={price.entry.key} className="flex flex-col gap-2 px-4 py-3.5">
          <div className="flex items-start gap-2">
            <div className="min-w-0 flex-1">
              <Subject price={price} plan={plan} isMixed={isMixed} />
            </div>
            {onEdit && <Actions price={price} onEdit={onEdit} onRemove={onRemove} />}
          </div>
          <Amount price={price} plan={plan} />
          <p className="text-muted">{timeText(price.entry, dayText)}</p>
          <Source price={price} />
        </li>
      ))}
    </ul>
  )
}

function Subject({
  price: { entry, origin, replacesShipped, isInForce },
  plan,
  isMixed,
}: Pick<Props, 'plan' | 'isMixed'> & { price: Price }): ReactNode {
  const conditions = conditionTexts(entry)
  const planName = plan.plans.find(({ id }) => id === entry.plan)?.name ?? entry.plan
  return (
    <div className="flex flex-col gap-1">
      <p className="font-medium wrap-anywhere first-letter:uppercase">{subjectText(entry)}</p>
      {conditions.length > 0 && <p className="text-muted">{conditions.join(', ')}</p>}
      {(isMixed || origin === 'own') && (
        <p className="flex flex-wrap gap-1.5">
          {origin === 'own' && (
            <Badge tone="accent">{t(replacesShipped ? 'prices.own.replaces' : 'prices.own')}</Badge>
          )}
          {(isMixed || entry.plan !== plan.plan) && <Badge>{planName}</Badge>}
          {isMixed && isInForce && <Badge tone="success">{t('prices.inForce')}</Badge>}
        </p>
      )}
      {/* Shipped notes are English. */}
      {entry.note !== undefined && (
        <p className="max-w-prose text-xs text-muted" {...(origin === 'shipped' ? { lang: 'en' } : {})}>
          {entry.note}
        </p>
      )}
    </div>
  )
}

function Amount({ price: { entry }, plan }: Pick<Props, 'plan'> & { price: Price }): ReactNode {
  const format = useFormat()
  const amount = amountText(entry, plan.currency, format)
  return (
    <div className="flex flex-col gap-0.5">
      {amount === null ? (
        <span>
          <Badge tone="warning">{t('prices.unknown')}</Badge>
        </span>
      ) : (
        <span className="font-medium tabular-nums">{amount}</span>
      )}
      <span className="text-xs text-muted">{perText(entry)}</span>
    </div>
  )
}

function Source({ price: { entry } }: { price: Price }): ReactNode {
  const host = hostOf(entry.source)
  return (
    <div className="flex flex-col gap-0.5">
      {host === null ? (
        <span className="wrap-anywhere">{entry.source}</span>
      ) : (
        <span>
          <ExternalLink href={entry.source}>{host}</ExternalLink>
        </span>
      )}
      <span className="text-xs text-muted">
        {t('prices.readOn', { day: dayText(entry.readOn) })}
        {entry.confidence !== undefined &&
          entry.confidence !== 'high' &&
          ` · ${t(`prices.confidence.${entry.confidence}`)}`}
      </span>
    </div>
  )
}

function Actions({
  price,
  onEdit,
  onRemove,
}: {
  price: Price
  onEdit: (price: Price) => void
  onRemove?: ((price: Price) => void) | undefined
}): ReactNode {
  const name = subjectText(price.entry)
  // A form for bundles and formulas would ask for more than people can know; they come from files.
  const isEditable = price.entry.unit !== 'bundle' && price.entry.unit !== 'formula'
  return (
    <span className="inline-flex">
      {isEditable && (
        <IconButton
          size="small"
          icon="pencil"
          label={t(price.origin === 'own' ? 'prices.edit' : 'prices.replace', { name })}
          onPress={() => onEdit(price)}
        />
      )}
      {price.id !== null && (
        <IconButton
          size="small"
          icon="trash"
          label={t('prices.remove.of', { name })}
          onPress={() => onRemove?.(price)}
        />
      )}
    </span>
  )
}
