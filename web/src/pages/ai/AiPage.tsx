/** Models: which one helps with writing, and whose data may go to one. All is off until an admin switches it on. */
import { useSuspenseQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { api } from '../../api.ts'
import { t } from '../../i18n.tsx'
import { NeedsRole } from '../../shell/NeedsRole.tsx'
import { useTitle } from '../../title.ts'
import { HelpCard } from './HelpCard.tsx'
import { NetworksCard } from './NetworksCard.tsx'

export function AiPage(): ReactNode {
  useTitle(t('settings.tab.ai'))
  return (
    <NeedsRole role="admin">
      <Ai />
    </NeedsRole>
  )
}

function Ai(): ReactNode {
  const { data } = useSuspenseQuery(api.ai.show.queryOptions())
  return (
    <div className="flex flex-col gap-6">
      <p className="max-w-prose text-muted">{t('ai.text')}</p>
      <HelpCard ai={data} />
      <NetworksCard networks={data.networks} />
    </div>
  )
}
