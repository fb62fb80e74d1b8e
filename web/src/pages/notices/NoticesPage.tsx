/** What needs a person, newest first; each leads to its remedy. */
import { useInfiniteQuery, useMutation } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { api, client, queryClient } from '../../api.ts'
import { t } from '../../i18n.tsx'
import { Button } from '../../ui/Button.tsx'
import { EmptyState } from '../../ui/EmptyState.tsx'
import { ErrorState } from '../../ui/ErrorState.tsx'
import { PageHeader } from '../../ui/PageHeader.tsx'
import { Skeleton } from '../../ui/Skeleton.tsx'
import { Switch } from '../../ui/Switch.tsx'
import { toast } from '../../ui/toast.ts'
import { NoticeRow } from './NoticeRow.tsx'

export function NoticesPage(): ReactNode {
  const [isAll, setAll] = useState(false)
  const query = useInfiniteQuery({
    queryKey: [...api.notices.list.key(), 'pages', isAll],
    queryFn: ({ pageParam }) =>
      client.notices.list({
        limit: 30,
        open: isAll ? 'false' : 'true',
        ...(pageParam === null ? {} : { cursor: pageParam }),
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    refetchInterval: 30_000,
  })
  const readAll = useMutation({
    mutationFn: () => client.notices.readAll(),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: api.notices.key() }),
    onError: toast.failed,
  })
  const notices = query.data?.pages.flatMap((page) => page.items) ?? []
  const unread = query.data?.pages[0]?.unread ?? 0
  return (
    <>
      <PageHeader
        title={t('shell.notices.title')}
        description={t('notices.text')}
        actions={
          unread > 0 && (
            <Button icon="check" isPending={readAll.isPending} onPress={() => readAll.mutate()}>
              {t('notices.readAll')}
            </Button>
          )
        }
      />
      <div className="mb-4">
        <Switch isSelected={isAll} onChange={setAll}>
          {t('notices.showEnded')}
        </Switch>
      </div>
      {query.isPending ? (
        <div role="status" aria-label={t('ui.loading')} className="flex flex-col gap-2">
          <Skeleton className="h-20" />
          <Skeleton className="h-20" />
        </div>
      ) : query.isError && notices.length === 0 ? (
        <ErrorState error={query.error} onRetry={() => void query.refetch()} />
      ) : notices.length === 0 ? (
        <EmptyState icon="success" title={t('notices.empty.title')}>
          {t('notices.empty.text')}
        </EmptyState>
      ) : (
        <>
          <ul
            aria-label={t('shell.notices.title')}
            className="divide-y divide-line overflow-hidden rounded-xl border border-line bg-surface shadow-low"
          >
            {notices.map((notice) => (
              <NoticeRow key={notice.id} notice={notice} />
            ))}
          </ul>
          {query.hasNextPage && (
            <div className="mt-4 flex justify-center">
              <Button onPress={() => void query.fetchNextPage()} isPending={query.isFetchingNextPage}>
                {t('posts.more')}
              </Button>
            </div>
          )}
        </>
      )}
    </>
  )
}
