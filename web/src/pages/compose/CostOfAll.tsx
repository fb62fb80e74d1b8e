/** What the post costs in all, and whether the API budgets have room for it. */
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { api } from '../../api.ts'
import { formatMoney } from '../../format.ts'
import { t } from '../../i18n.tsx'
import { Icon } from '../../ui/icons.tsx'
import { Link } from '../../ui/Link.tsx'
import { SandboxMark } from '../../ui/NetworkBadge.tsx'
import type { DryRun } from './dry-run.ts'

type Room = DryRun['budgets'][number]

export function CostOfAll({ answer: { cost, budgets, verdicts } }: { answer: DryRun }): ReactNode {
  const isUnlimited = budgets.length === 0 && Number(cost.amount) > 0
  const hasUnpriced = verdicts.some(({ unpriced }) => unpriced.length > 0)
  return (
    <div className="flex flex-col gap-1.5 border-t border-line pt-3 text-sm">
      <p className="flex justify-between gap-3">
        <span className="text-muted">{t('compose.verdict.total')}</span>
        <span className="text-right font-medium tabular-nums">
          {formatMoney(cost)}
          {hasUnpriced && (
            <span className="block font-normal text-muted">{t('compose.verdict.unpriced')}</span>
          )}
        </span>
      </p>
      {budgets.map((room) => (
        <BudgetLine key={`${room.id} ${room.sandbox}`} room={room} />
      ))}
      {isUnlimited && (
        <p className="text-muted">
          {t('compose.budget.none')} <Link to="/settings/budgets">{t('compose.budget.open')}</Link>
        </p>
      )}
    </div>
  )
}

function BudgetLine({ room }: { room: Room }): ReactNode {
  const { data } = useQuery(api.networks.list.queryOptions({ staleTime: 300_000 }))
  const network = data?.items.find(({ id }) => id === room.network)?.name ?? room.network
  const params = {
    name: network === null ? t('compose.budget.name') : t('compose.budget.nameOf', { network }),
    left: formatMoney(room.left),
    amount: formatMoney(room.amount),
    needed: formatMoney(room.needed),
  }
  if (room.hasRoom)
    return (
      <p className="text-muted tabular-nums">
        {t('compose.budget.left', params)} {room.sandbox && <SandboxMark />}
      </p>
    )
  return (
    <p className="flex items-start gap-1.5 text-warning">
      <span className="mt-0.5">
        <Icon name="alert" size={16} />
      </span>
      <span className="min-w-0 wrap-anywhere">
        {t(room.isHard ? 'compose.budget.short' : 'compose.budget.shortSoft', params)}{' '}
        {room.sandbox && <SandboxMark />} <Link to="/settings/budgets">{t('compose.budget.open')}</Link>
      </span>
    </p>
  )
}
