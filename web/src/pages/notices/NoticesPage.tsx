/** What needs a person, newest first; each leads to its remedy. */
import { useInfiniteQuery, useMutation } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { api, client, queryClient } from '../../api.ts'
import { t } from '../../i18n.tsx'
import { Button } from '../../ui/Button.tsx'
import { EmptyState } from '../../ui/EmptyState.tsx'
import { PagedList } from '../../ui/PagedList.tsx'
import { PageHeader } from '../../ui/PageHeader.tsx'
import { Segments } from '../../ui/Segments.tsx'
import { toast } from '../../ui/toast.ts'
import { NoticeRow } from './NoticeRow.tsx'

export function NoticesPage(): ReactNode {
  const isAll = useSearch({ from: '/shell/notices' }).show === 'all'
  const navigate = useNavigate({ from: '/notices' })
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
        <Segments
          label={t('notices.show')}
          value={isAll ? 'all' : 'open'}
          onChange={(id) =>
            void navigate({ search: id === 'all' ? { show: 'all' } : {}, replace: true, resetScroll: false })
          }
          choices={[
            { id: 'open', text: t('notices.show.open') },
            { id: 'all', text: t('notices.show.all') },
          ]}
        />
      </div>
      <PagedList
        label={t('shell.notices.title')}
        query={query}
        items={notices}
        empty={
          <EmptyState icon="success" title={t('notices.empty.title')}>
            {t('notices.empty.text')}
          </EmptyState>
        }
      >
        {(notice) => <NoticeRow key={notice.id} notice={notice} />}
      </PagedList>
    </>
  )
}
