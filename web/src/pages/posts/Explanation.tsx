/** Why a delivery stands as it does, and what would change that. */
import type { ReactNode } from 'react'
import { useFormat } from '../../format.ts'
import { hasText, t } from '../../i18n.tsx'
import { cx } from '../../ui/cx.ts'
import { Link } from '../../ui/Link.tsx'
import { reasonText } from './reason.ts'
import { movesByItself } from './rhythm.ts'
import type { Delivery } from './states.tsx'

/** Nothing where it is plain. */
export function Explanation({ delivery, network }: { delivery: Delivery; network: string }): ReactNode {
  const format = useFormat()
  const hold = delivery.state === 'held' && delivery.holdReason !== null
  const isRetrying = delivery.state === 'waiting' && delivery.reason !== null && delivery.nextAt !== null
  if (delivery.reason === null && !hold && delivery.state !== 'unsure') return null
  return (
    <div className={cx('rounded-lg px-3.5 py-2.5 text-sm wrap-anywhere', ground(delivery))}>
      {hold && <p className="font-medium">{t(`posts.hold.${delivery.holdReason}`)}</p>}
      {delivery.state === 'unsure' && <p className="font-medium">{t(unsureText(delivery))}</p>}
      {delivery.reason && <p>{reasonText(delivery.reason, network, format)}</p>}
      {delivery.reason?.fix && !hold && hasText(`posts.fix.${delivery.reason.fix}`) && (
        <p className="text-muted">
          {delivery.parentId === null ? t(`posts.fix.${delivery.reason.fix}`) : t('posts.comment.fix')}
        </p>
      )}
      {isRetrying && (
        <p className="text-muted">
          {t('posts.delivery.retryAt', { at: format.shortDateTime(delivery.nextAt ?? '') })}
        </p>
      )}
      {hold && delivery.holdReason === 'connection' && (
        <p className="mt-1">
          <Link to="/connections">{t('posts.hold.connectionAction')}</Link>
        </p>
      )}
    </div>
  )
}

/** Whether nobody but a person can settle it. */
export function asksPerson(delivery: Delivery): boolean {
  return delivery.state === 'unsure' && !movesByItself(delivery)
}

function unsureText(delivery: Delivery): string {
  if (asksPerson(delivery)) return 'posts.unsure.asksYou'
  return delivery.parentId === null ? 'posts.unsure.looking' : 'posts.comment.looking'
}

/** As loud as it concerns a person. */
function ground(delivery: Delivery): string {
  if (delivery.state === 'refused') return 'bg-danger-soft'
  return delivery.state === 'held' || asksPerson(delivery) ? 'bg-warning-soft' : 'bg-sunken'
}
