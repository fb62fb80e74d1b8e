/** One notice: what happened, what to do, and the way there. */
import { useMutation } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { api, client, queryClient } from '../../api.ts'
import { useFormat } from '../../format.ts'
import { t } from '../../i18n.tsx'
import { Badge } from '../../ui/Badge.tsx'
import { Button } from '../../ui/Button.tsx'
import { cx } from '../../ui/cx.ts'
import { Icon, type IconName } from '../../ui/icons.tsx'
import { ButtonLink } from '../../ui/Link.tsx'
import { type Notice, noticeReason, noticeWords } from './words.ts'

const looks: Record<Notice['severity'], { icon: IconName; tone: string }> = {
  info: { icon: 'info', tone: 'text-info' },
  warning: { icon: 'alert', tone: 'text-warning' },
  error: { icon: 'error', tone: 'text-danger' },
}

export function NoticeRow({ notice }: { notice: Notice }): ReactNode {
  const format = useFormat()
  const { title, remedy } = noticeWords(notice, format)
  const reason = noticeReason(notice)
  const isOpen = notice.resolvedAt === null
  const isUnread = notice.readAt === null && isOpen
  const { icon, tone } = looks[notice.severity]
  const read = useMutation({
    mutationFn: () => client.notices.read({ id: notice.id }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: api.notices.key() }),
  })
  const markRead = () => {
    if (isUnread) read.mutate()
  }
  return (
    <li className={cx('flex gap-3.5 px-5 py-4', isUnread && 'bg-accent-soft/40')}>
      <span className={cx('mt-0.5', isOpen ? tone : 'text-muted')}>
        <Icon name={isOpen ? icon : 'success'} />
      </span>
      <div className="min-w-0 flex-1">
        <p className={cx('wrap-anywhere', isUnread && 'font-medium')}>
          {isUnread && <span className="sr-only">{t('notices.unread')}: </span>}
          {title}
        </p>
        {reason !== '' && <p className="mt-0.5 text-sm text-muted wrap-anywhere">{reason}</p>}
        {isOpen && <p className="mt-1 text-sm wrap-anywhere">{remedy}</p>}
        <div className="mt-2.5 flex flex-wrap items-center gap-2.5">
          {isOpen && <RemedyLink notice={notice} onOpen={markRead} />}
          {isUnread && (
            <Button size="small" variant="quiet" isPending={read.isPending} onPress={markRead}>
              {t('notices.read')}
            </Button>
          )}
          {!isOpen && <Badge tone="success">{t('notices.ended')}</Badge>}
          <time
            dateTime={notice.createdAt}
            title={format.dateTime(notice.createdAt)}
            className="text-sm text-muted"
          >
            {format.relative(notice.createdAt)}
          </time>
        </div>
      </div>
    </li>
  )
}

function RemedyLink({ notice, onOpen }: { notice: Notice; onOpen: () => void }): ReactNode {
  const { kind, id } = notice.subject
  const look = { size: 'small', onClick: onOpen } as const
  switch (kind) {
    case 'delivery':
      return (
        <ButtonLink {...look} to="/deliveries/$deliveryId" params={{ deliveryId: id }}>
          {t('notices.open.delivery')}
        </ButtonLink>
      )
    case 'connection':
    case 'network':
      return (
        <ButtonLink {...look} to="/connections" search={{}}>
          {t('notices.open.connections')}
        </ButtonLink>
      )
    case 'installation':
      return (
        <ButtonLink {...look} to="/settings/about">
          {t('notices.open.installation')}
        </ButtonLink>
      )
  }
}
