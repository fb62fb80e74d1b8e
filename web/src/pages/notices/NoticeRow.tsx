/** One notice: what happened, what to do, and the way there. */
import type { ReactNode } from 'react'
import { useFormat } from '../../format.ts'
import { t } from '../../i18n.tsx'
import { Badge } from '../../ui/Badge.tsx'
import { buttonClass } from '../../ui/Button.tsx'
import { cx } from '../../ui/cx.ts'
import { IconButton } from '../../ui/IconButton.tsx'
import { Icon } from '../../ui/icons.tsx'
import { RemedyLink, useMarkRead } from './RemedyLink.tsx'
import { type Notice, noticeReason, noticeWords, placeOf, severities } from './words.ts'

export function NoticeRow({ notice }: { notice: Notice }): ReactNode {
  const format = useFormat()
  const { title, remedy } = noticeWords(notice, format)
  const reason = noticeReason(notice)
  const isOpen = notice.resolvedAt === null
  const isUnread = notice.readAt === null && isOpen
  const { icon, tone } = severities[notice.severity]
  const { markRead, isPending } = useMarkRead(notice)
  return (
    <li className={cx('flex gap-3.5 px-5 py-4', isUnread && 'bg-accent-soft/40')}>
      <span className={cx('mt-0.5', isOpen ? tone : 'text-muted')}>
        <Icon name={isOpen ? icon : 'success'} />
      </span>
      <div className="min-w-0 flex-1">
        <p className={cx('wrap-anywhere', isUnread && 'font-semibold', !isOpen && 'text-muted')}>
          {isUnread && (
            <span className="mr-2 inline-block size-2.5 rounded-full bg-accent">
              <span className="sr-only">{t('notices.unread')}: </span>
            </span>
          )}
          {title}
        </p>
        {reason !== '' && <p className="mt-0.5 text-sm text-muted wrap-anywhere">{reason}</p>}
        {isOpen && <p className="mt-1 text-sm wrap-anywhere">{remedy}</p>}
        <div className="mt-2.5 flex flex-wrap items-center gap-2.5">
          <Ways notice={notice} />
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
      {isUnread && (
        <span className="-my-1 -mr-2">
          <IconButton
            icon="check"
            size="small"
            label={t('notices.read')}
            isDisabled={isPending}
            onPress={({ target }) => {
              // The button goes away with what it does.
              target.closest('li')?.querySelector('a')?.focus()
              markRead()
            }}
          />
        </span>
      )}
    </li>
  )
}

/** To the remedy, and to the delivery it is about where that is another place. What has ended needs no remedy. */
function Ways({ notice }: { notice: Notice }): ReactNode {
  const isOpen = notice.resolvedAt === null
  const place = placeOf(notice)
  const isAboutDelivery = notice.subject.kind === 'delivery'
  return (
    <>
      {isOpen && (
        <RemedyLink notice={notice} className={buttonClass('secondary', 'small')}>
          {t(`notices.open.${place}`)}
        </RemedyLink>
      )}
      {isAboutDelivery && (!isOpen || place !== 'delivery') && (
        <RemedyLink notice={notice} place="delivery" className={buttonClass('quiet', 'small')}>
          {t('notices.open.delivery')}
        </RemedyLink>
      )}
    </>
  )
}
