/** A network's guide: how an account or an app is set up, field by field. It is written in English. */
import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { api } from '../../api.ts'
import { t } from '../../i18n.tsx'
import { asProblem } from '../../problems.ts'
import { ErrorState } from '../../ui/ErrorState.tsx'
import { Skeleton } from '../../ui/Skeleton.tsx'
import { Markdown } from './Markdown.tsx'

export function Guide({ network }: { network: string }): ReactNode {
  const guide = useQuery(api.networks.guide.queryOptions({ input: { id: network }, staleTime: Infinity }))
  if (guide.isPending) return <Skeleton className="h-48" />
  if (guide.error) return <ErrorState error={asProblem(guide.error)} onRetry={() => void guide.refetch()} />
  return (
    <div lang="en">
      <Markdown text={guide.data.markdown} />
    </div>
  )
}

/** Below a form, for who does not know what to enter. */
export function FoldedGuide({ network }: { network: string }): ReactNode {
  const [isOpen, setOpen] = useState(false)
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)} className="mt-4 text-sm">
      <summary className="w-fit cursor-pointer rounded font-medium text-accent pointer-coarse:py-2.5">
        {t('connections.guide')}
      </summary>
      {isOpen && (
        <div className="mt-3">
          <Guide network={network} />
        </div>
      )}
    </details>
  )
}
