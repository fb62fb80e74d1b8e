/** One block of the overview. It loads and fails by itself, so that one that fails leaves the others standing. */
import type { UseQueryResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { t } from '../../i18n.tsx'
import { asProblem } from '../../problems.ts'
import { Button } from '../../ui/Button.tsx'
import { cx } from '../../ui/cx.ts'
import { Skeleton } from '../../ui/Skeleton.tsx'

export type BlockQuery<Data> = Pick<UseQueryResult<Data>, 'data' | 'error' | 'isError'> & {
  refetch: () => unknown
}

type Props<Item> = {
  title: string
  query: BlockQuery<readonly Item[]>
  children: (item: Item) => ReactNode
  /** What stands there while there is nothing. */
  empty: ReactNode
  /** A link beside the title. */
  more: ReactNode
  className?: string
}

export function Block<Item>({ title, query, children, empty, more, className }: Props<Item>): ReactNode {
  return (
    <section
      aria-label={title}
      className={cx('min-w-0 overflow-hidden rounded-xl border border-line bg-surface shadow-low', className)}
    >
      <header className="flex items-baseline justify-between gap-3 px-5 pt-4 pb-3">
        <h2 className="text-base font-semibold">{title}</h2>
        <span className="shrink-0 text-sm">{more}</span>
      </header>
      {query.data === undefined ? (
        query.isError ? (
          <BlockFailed query={query} />
        ) : (
          <div role="status" aria-label={t('ui.loading')} className="flex flex-col gap-3 px-5 pb-5">
            {[1, 2, 3].map((row) => (
              <Skeleton key={row} className="h-12" />
            ))}
          </div>
        )
      ) : query.data.length === 0 ? (
        <div className="px-5 pb-5 text-muted">{empty}</div>
      ) : (
        <ul className="divide-y divide-line border-t border-line">{query.data.map(children)}</ul>
      )}
    </section>
  )
}

export function BlockFailed({ query }: { query: BlockQuery<unknown> }): ReactNode {
  const { title, remedy } = asProblem(query.error)
  return (
    <div role="alert" className="flex flex-wrap items-center gap-x-4 gap-y-2.5 px-5 pb-4 text-sm">
      <span className="min-w-48 flex-1">
        <span className="block font-medium">{title}</span>
        {remedy && <span className="block text-muted">{remedy}</span>}
      </span>
      <Button size="small" onPress={() => void query.refetch()}>
        {t('ui.tryAgain')}
      </Button>
    </div>
  )
}
