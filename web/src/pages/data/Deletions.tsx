/** Requests to delete, and everything else that ends data before its clock: how far each is. */
import { useInfiniteQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { api, client } from '../../api.ts'
import { useFormat } from '../../format.ts'
import { t } from '../../i18n.tsx'
import { Badge } from '../../ui/Badge.tsx'
import { Link } from '../../ui/Link.tsx'
import { PagedList } from '../../ui/PagedList.tsx'
import type { Deletion, KeptNetwork } from './words.ts'

export function Deletions({ networks }: { networks: readonly KeptNetwork[] }): ReactNode {
  const query = useInfiniteQuery({
    queryKey: [...api.data.deletions.key(), 'pages'],
    queryFn: ({ pageParam }) =>
      client.data.deletions({ limit: 20, ...(pageParam === null ? {} : { cursor: pageParam }) }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    // What was ordered is done by the next sweep.
    refetchInterval: 20_000,
  })
  return (
    <PagedList
      label={t('data.deletions.title')}
      query={query}
      items={query.data?.pages.flatMap((page) => page.items) ?? []}
      empty={<p className="text-sm text-muted">{t('data.deletions.none')}</p>}
    >
      {(deletion) => (
        <DeletionRow
          key={deletion.id}
          deletion={deletion}
          network={networks.find(({ network }) => network === deletion.network)?.name ?? deletion.network}
        />
      )}
    </PagedList>
  )
}

function DeletionRow({ deletion, network }: { deletion: Deletion; network: string }): ReactNode {
  const format = useFormat()
  const { reason, receivedAt, deadlineAt, doneAt, note, deleted } = deletion
  return (
    <li className="flex flex-wrap items-start justify-between gap-x-4 gap-y-1.5 px-5 py-3.5">
      <div className="min-w-0 flex-1 basis-64">
        <p className="font-medium">{t(`data.reason.${reason}`)}</p>
        <p className="text-sm text-muted wrap-anywhere">
          {network} · <About deletion={deletion} />
          {note !== '' && ` · ${note}`}
        </p>
        <p className="text-sm text-muted">
          {t('data.deletions.received', { when: format.shortDateTime(receivedAt) })}
          {deletion.askedBy === 'network' && ` · ${t('data.deletions.byNetwork')}`}
        </p>
      </div>
      <div className="text-sm">
        {doneAt === null ? (
          <Badge tone={new Date(deadlineAt) < new Date() ? 'danger' : 'warning'} icon="clock">
            {t('data.deletions.due', { when: format.shortDateTime(deadlineAt) })}
          </Badge>
        ) : (
          <Badge tone="success" icon="check">
            {t('data.deletions.done', { when: format.shortDateTime(doneAt) })}
          </Badge>
        )}
        <p className="mt-1 text-muted">{t('data.deletions.deleted', { count: deleted })}</p>
      </div>
    </li>
  )
}

function About({ deletion: { deliveryId, connection, scope } }: { deletion: Deletion }): ReactNode {
  if (deliveryId !== null)
    return (
      <Link to="/deliveries/$deliveryId" params={{ deliveryId }}>
        {t('data.about.delivery')}
      </Link>
    )
  return scope === 'network' ? t('data.about.network') : (connection ?? t('data.about.connection'))
}
