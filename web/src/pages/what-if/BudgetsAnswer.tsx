/** What of it lies beyond the API budgets, and which calls that would be. */
import type { ReactNode } from 'react'
import { hasText, t } from '../../i18n.tsx'
import { Badge } from '../../ui/Badge.tsx'
import { Card } from '../../ui/Card.tsx'
import { Link } from '../../ui/Link.tsx'
import { useNames } from '../budgets/names.ts'
import { scopeText } from '../budgets/words.ts'
import { purposeText } from '../ledger/words.ts'
import { moneyText, numberOf, type ReplayedBudget } from './words.ts'

export function BudgetsAnswer({ budgets }: { budgets: readonly ReplayedBudget[] }): ReactNode {
  if (budgets.length === 0)
    return (
      <Card title={t('whatIf.budgets')}>
        <p className="text-sm text-muted">
          {t('whatIf.budgets.none')} <Link to="/settings/budgets">{t('settings.tab.budgets')}</Link>
        </p>
      </Card>
    )
  return (
    <Card title={t('whatIf.budgets')} description={t('whatIf.budgets.text')} isFlush>
      <ul className="divide-y divide-line text-sm">
        {budgets.map((budget) => (
          <BudgetRow key={budget.id} budget={budget} />
        ))}
      </ul>
    </Card>
  )
}

function BudgetRow({ budget }: { budget: ReplayedBudget }): ReactNode {
  const names = useNames()
  const { allowed, would, outside, outsideBy, purpose } = budget
  const whose = scopeText(
    { ...budget, purpose: purpose as Parameters<typeof scopeText>[0]['purpose'] },
    names,
  )
  const isWithin = numberOf(outside) === 0
  return (
    <li className="flex flex-col gap-1 px-5 py-3.5">
      <div className="flex flex-wrap items-baseline justify-between gap-x-4 gap-y-1">
        <p className="font-medium first-letter:uppercase">{whose}</p>
        <Badge tone={isWithin ? 'success' : 'danger'}>
          {isWithin ? t('whatIf.within') : t('whatIf.outside', { amount: moneyText(outside) })}
        </Badge>
      </div>
      <p className="text-muted">
        {t('whatIf.budgets.sums', { allowed: moneyText(allowed), would: moneyText(would) })}
      </p>
      {!isWithin && (
        <p>
          {t('whatIf.budgets.outside', {
            parts: outsideBy.map((part) => `${partText(part.purpose)} ${moneyText(part.amount)}`).join(', '),
          })}
        </p>
      )}
    </li>
  )
}

function partText(purpose: string): string {
  return purpose === 'fee' && hasText('whatIf.fee.short') ? t('whatIf.fee.short') : purposeText(purpose)
}
