/** A list that comes page by page, with its states: loading, failed, empty, and more to come. */
import type { UseInfiniteQueryResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { t } from '../i18n.tsx'
import { Button } from './Button.tsx'
import { ErrorState } from './ErrorState.tsx'
import { Skeleton } from './Skeleton.tsx'

type Props<Item> = {
  label: string
  query: UseInfiniteQueryResult
  items: readonly Item[]
  /** What stands here where there is nothing. */
  empty: ReactNode
  children: (item: Item) => ReactNode
}

export function PagedList<Item>({ label, query, items, empty, children }: Props<Item>): ReactNode {
  if (query.isPending) return <ListSkeleton />
  if (query.isError && items.length === 0)
    return <ErrorState error={query.error} onRetry={() => void query.refetch()} />
  if (items.length === 0) return empty
  return (
    <>
      <ul
        aria-label={label}
        className="divide-y divide-line overflow-hidden rounded-xl border border-line bg-surface shadow-low"
      >
        {items.map(children)}
      </ul>
      {query.hasNextPage && (
        <div className="mt-4 flex justify-center">
          <Button onPress={() => void query.fetchNextPage()} isPending={query.isFetchingNextPage}>
            {t('ui.more')}
          </Button>
        </div>
      )}
    </>
  )
}

function ListSkeleton(): ReactNode {
  return (
    <div role="status" aria-label={t('ui.loading')} className="flex flex-col gap-2">
      {[1, 2, 3, 4].map((row) => (
        <Skeleton key={row} className="h-16" />
      ))}
    </div>
  )
}
