/** API budgets: what calls to networks may cost, what is used, and what the plan will use. */
import { useSuspenseQuery } from '@tanstack/react-query'
import { lazy, type ReactNode, Suspense, useState } from 'react'
import { api } from '../../api.ts'
import { t } from '../../i18n.tsx'
import { useMay } from '../../session.ts'
import { useTitle } from '../../title.ts'
import { Button } from '../../ui/Button.tsx'
import { EmptyState } from '../../ui/EmptyState.tsx'
import { BudgetCard } from './BudgetCard.tsx'
import { Charges } from './Charges.tsx'
import { useNames } from './names.ts'
import { NetworkCounts } from './NetworkCounts.tsx'
import { ProposalBanner } from './Proposals.tsx'
import type { Budget } from './words.ts'

// Few change budgets, and forms bring more code than the list.
const BudgetDialog = lazy(async () => ({ default: (await import('./BudgetDialog.tsx')).BudgetDialog }))
const RemoveDialog = lazy(async () => ({ default: (await import('./RemoveDialog.tsx')).RemoveDialog }))

type Open = { kind: 'new' } | { kind: 'edit'; budget: Budget } | { kind: 'remove'; budget: Budget }

export function BudgetsPage(): ReactNode {
  useTitle(t('settings.tab.budgets'))
  const { data } = useSuspenseQuery(api.budgets.list.queryOptions())
  const names = useNames()
  const isAdmin = useMay('admin')
  const [open, setOpen] = useState<Open | null>(null)
  const close = () => setOpen(null)
  const add = isAdmin && (
    <Button icon="plus" onPress={() => setOpen({ kind: 'new' })}>
      {t('budgets.new')}
    </Button>
  )
  return (
    <>
      <div className="flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
        <p className="max-w-prose flex-1 basis-72 text-muted">{t('budgets.text')}</p>
        {data.items.length > 0 && add}
      </div>
      {data.proposals.map((proposal) => (
        <ProposalBanner key={proposal.network} proposal={proposal} names={names} />
      ))}
      {data.items.length === 0 && (
        <EmptyState icon="chart" title={t('budgets.none')} action={add}>
          {t('budgets.none.text')}
        </EmptyState>
      )}
      {data.items.map((budget) => (
        <BudgetCard
          key={budget.id}
          budget={budget}
          names={names}
          onEdit={isAdmin ? () => setOpen({ kind: 'edit', budget }) : undefined}
          onRemove={isAdmin ? () => setOpen({ kind: 'remove', budget }) : undefined}
        />
      ))}
      <Charges names={names} />
      <NetworkCounts names={names} />
      <Suspense>
        {open?.kind === 'new' && <BudgetDialog budget={null} onClose={close} />}
        {open?.kind === 'edit' && <BudgetDialog budget={open.budget} onClose={close} />}
        {open?.kind === 'remove' && <RemoveDialog budget={open.budget} names={names} onClose={close} />}
      </Suspense>
    </>
  )
}
