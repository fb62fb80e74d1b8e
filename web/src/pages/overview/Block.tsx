/** One block of the overview. It loads and fails by itself, so that one that fails leaves the others standing. */
import type { UseQueryResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { t } from '../../i18n.tsx'
import { asProblem } from '../../problems.ts'
import { Button } from '../../ui/Button.tsx'
import { Skeleton } from '../../ui/Skeleton.tsx'

type Props<Data> = {
  title: string
  query: UseQueryResult<Data>
  /** Null shows `empty`. */
  children: (data: Data) => ReactNode
  empty?: ReactNode
  /** A link beside the title. */
  more?: ReactNode
}

export function Block<Data>({ title, query, children, empty, more }: Props<Data>): ReactNode {
  const content = query.data === undefined ? undefined : children(query.data)
  return (
    <section aria-label={title} className="rounded-xl border border-line bg-surface shadow-low">
      <header className="flex items-baseline justify-between gap-3 px-5 pt-4 pb-2">
        <h2 className="text-base font-semibold">{title}</h2>
        {more && <span className="text-sm">{more}</span>}
      </header>
      {content === undefined ? (
        query.isError ? (
          <div role="alert" className="flex flex-wrap items-center gap-3 px-5 pb-4 text-sm">
            <span className="text-danger">{asProblem(query.error).title}</span>
            <Button size="small" onPress={() => void query.refetch()}>
              {t('ui.tryAgain')}
            </Button>
          </div>
        ) : (
          <div role="status" aria-label={t('ui.loading')} className="flex flex-col gap-2 px-5 pb-4">
            <Skeleton className="h-10" />
            <Skeleton className="h-10" />
          </div>
        )
      ) : (
        (content ?? <div className="px-5 pb-5 text-muted">{empty}</div>)
      )}
    </section>
  )
}
