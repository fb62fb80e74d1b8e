/** One budget: a bar of what is used, the figures, and what happens at its end. */
import type { ReactNode } from 'react'
import { formatNumber, useFormat } from '../../format.ts'
import { t } from '../../i18n.tsx'
import { Badge } from '../../ui/Badge.tsx'
import { Card } from '../../ui/Card.tsx'
import { cx } from '../../ui/cx.ts'
import { IconButton } from '../../ui/IconButton.tsx'
import { NetworkLogo, SandboxMark } from '../../ui/NetworkBadge.tsx'
import { type Budget, type Names, percentOf, scopeText, utcDay } from './words.ts'

type Props = {
  budget: Budget
  names: Names
  /** Absent where the person may not. */
  onEdit?: (() => void) | undefined
  onRemove?: (() => void) | undefined
}

export function BudgetCard({ budget, names, onEdit, onRemove }: Props): ReactNode {
  const { money } = useFormat()
  const name = scopeText(budget, names)
  return (
    <Card
      title={
        <span className="flex flex-wrap items-center gap-2.5">
          {budget.network !== null && <NetworkLogo network={budget.network} />}
          <span className="wrap-anywhere">{name}</span>
          {!budget.isHard && <Badge>{t('budgets.soft')}</Badge>}
        </span>
      }
      description={t(`budgets.amount.${budget.period}`, {
        amount: money(budget.amount),
        day: utcDay(budget.endsAt),
      })}
      actions={
        onEdit && (
          <>
            <IconButton icon="pencil" size="small" label={t('budgets.edit.of', { name })} onPress={onEdit} />
            <IconButton
              icon="trash"
              size="small"
              label={t('budgets.remove.of', { name })}
              onPress={() => onRemove?.()}
            />
          </>
        )
      }
    >
      <div className="flex flex-col gap-4">
        {(budget.practice === null || isUsed(budget)) && (
          <>
            <Bar budget={budget} standing={budget} name={name} />
            <Figures budget={budget} standing={budget} />
          </>
        )}
        {budget.practice && (
          <>
            <p className="flex flex-wrap items-center gap-2 text-sm text-muted">
              <SandboxMark /> {t('budgets.practice')}
            </p>
            <Bar budget={budget} standing={budget.practice} name={t('budgets.practice.of', { name })} />
            <Figures budget={budget} standing={budget.practice} />
          </>
        )}
        <p className="max-w-prose text-sm text-muted">{endText(budget)}</p>
      </div>
    </Card>
  )
}

type Standing = Pick<Budget, 'spent' | 'reserved' | 'left' | 'leftForReads' | 'forecast'>

/** Or will be, by the plan. */
const isUsed = ({ forecast }: Standing) => Number(forecast.byPlan.amount) > 0

/** What happens at its end, in the order it happens. */
function endText({ isHard, purpose, protectedPercent }: Budget): string {
  if (!isHard) return t('budgets.end.soft')
  if (purpose !== null) return t('budgets.end.purpose')
  return t(protectedPercent === 0 ? 'budgets.end.all' : 'budgets.end', { percent: protectedPercent })
}

type BarProps = { budget: Budget; standing: Standing; name: string }

function Bar({ budget, standing, name }: BarProps): ReactNode {
  const spent = Math.min(100, percentOf(budget, standing.spent))
  const reserved = Math.min(100 - spent, percentOf(budget, standing.reserved))
  const used = spent + reserved
  const foreseen = percentOf(budget, standing.forecast.byPlan)
  const isProtected = budget.isHard && budget.purpose === null && budget.protectedPercent > 0
  const showsPlan = foreseen > used && foreseen < 100
  const tone = used >= 100 ? 'bg-danger' : used >= 80 ? 'bg-warning' : 'bg-accent'
  return (
    <div className="flex flex-col gap-1.5">
      <div
        role="meter"
        aria-label={t('budgets.bar', { name })}
        aria-valuenow={Math.round(used)}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuetext={t('budgets.bar.value', { percent: formatNumber(Math.round(used)) })}
        className="relative h-3 overflow-hidden rounded-full bg-line"
      >
        <span className={cx('absolute inset-y-0 left-0', tone)} style={{ width: `${spent}%` }} />
        <span
          className={cx('absolute inset-y-0 opacity-50', tone)}
          style={{ left: `${spent}%`, width: `${reserved}%` }}
        />
        {isProtected && <Mark at={100 - budget.protectedPercent} className="bg-ink/45" />}
        {showsPlan && <Mark at={foreseen} className="bg-warning" />}
      </div>
      {(isProtected || showsPlan) && (
        <ul className="flex flex-wrap gap-x-4 gap-y-1 text-xs text-muted">
          {showsPlan && <Legend className="bg-warning">{t('budgets.legend.plan')}</Legend>}
          {isProtected && <Legend className="bg-ink/45">{t('budgets.legend.protected')}</Legend>}
        </ul>
      )}
    </div>
  )
}

function Legend({ className, children }: { className: string; children: ReactNode }): ReactNode {
  return (
    <li className="flex items-center gap-1.5">
      <span aria-hidden="true" className={cx('h-3 w-0.5', className)} />
      {children}
    </li>
  )
}

function Mark({ at, className }: { at: number; className: string }): ReactNode {
  return <span className={cx('absolute inset-y-0 w-0.5', className)} style={{ left: `${at}%` }} />
}

function Figures({ budget, standing }: { budget: Budget; standing: Standing }): ReactNode {
  const { money } = useFormat()
  const { amount } = budget
  const { spent, reserved, left, leftForReads, forecast } = standing
  const isOver = Number(forecast.byPlan.amount) > Number(amount.amount)
  const parts = [
    { id: 'spent', value: money(spent) },
    ...(Number(reserved.amount) > 0 ? [{ id: 'reserved', value: money(reserved) }] : []),
    { id: 'left', value: money(left) },
    ...(left.amount === leftForReads.amount ? [] : [{ id: 'leftForReads', value: money(leftForReads) }]),
    { id: `byPlan.${budget.period}`, value: money(forecast.byPlan), isWarning: isOver },
    {
      id: `byPace.${budget.period}`,
      value: forecast.byPace === null ? t('budgets.figure.tooEarly') : money(forecast.byPace),
      isWarning: forecast.byPace !== null && Number(forecast.byPace.amount) > Number(amount.amount),
    },
  ]
  return (
    <dl className="grid grid-cols-2 gap-x-5 gap-y-3 text-sm sm:grid-cols-3">
      {parts.map(({ id, value, isWarning = false }) => (
        <div key={id}>
          <dt className="text-muted">{t(`budgets.figure.${id}`)}</dt>
          <dd className={cx('font-medium tabular-nums', isWarning && 'text-warning')}>{value}</dd>
        </div>
      ))}
    </dl>
  )
}
