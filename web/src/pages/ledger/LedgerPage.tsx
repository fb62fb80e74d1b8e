/** The access ledger: whether it is whole, what it answers for a time, and its entries. */
import { useSuspenseQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { api } from '../../api.ts'
import { t } from '../../i18n.tsx'
import { NeedsRole } from '../../shell/NeedsRole.tsx'
import { useTitle } from '../../title.ts'
import { CheckCard } from './CheckCard.tsx'
import { Entries } from './Entries.tsx'
import { ReportPart } from './ReportPart.tsx'

export function LedgerPage(): ReactNode {
  useTitle(t('settings.tab.ledger'))
  return (
    <NeedsRole role="admin">
      <Ledger />
    </NeedsRole>
  )
}

function Ledger(): ReactNode {
  const { data: networks } = useSuspenseQuery(api.networks.list.queryOptions({ staleTime: 600_000 }))
  const { data: members } = useSuspenseQuery(api.members.list.queryOptions())
  return (
    <div className="flex flex-col gap-8">
      <p className="max-w-prose text-muted">{t('ledger.text')}</p>
      <CheckCard />
      <ReportPart networks={networks.items} />
      <Entries networks={networks.items} members={members.items} />
    </div>
  )
}
