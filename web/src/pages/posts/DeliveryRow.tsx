/** One delivery of a post: where, how it stands, why, and what can be done. */
import { useSuspenseQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { api } from '../../api.ts'
import { useFormat } from '../../format.ts'
import { hasText, t } from '../../i18n.tsx'
import { cx } from '../../ui/cx.ts'
import { ExternalLink, Link } from '../../ui/Link.tsx'
import { NetworkBadge } from '../../ui/NetworkBadge.tsx'
import { DeliveryActions } from './DeliveryActions.tsx'
import { reasonText } from './reason.ts'
import { type Delivery, DeliveryState } from './states.tsx'

export function DeliveryRow({ delivery }: { delivery: Delivery }): ReactNode {
  const { data: networks } = useSuspenseQuery(api.networks.list.queryOptions({ staleTime: Infinity }))
  const { dateTime, money } = useFormat()
  const network = networks.items.find(({ id }) => id === delivery.network)
  const isLive = delivery.state === 'published'
  const isLooking = delivery.state === 'unsure' && delivery.nextAt !== null
  const when = delivery.publishedAt ?? delivery.dueAt
  return (
    <li className="flex flex-col gap-3 px-5 py-3.5">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <div className="min-w-full flex-1 sm:min-w-44">
          <NetworkBadge
            network={delivery.network}
            name={delivery.channelName}
            detail={network?.name ?? delivery.network}
            isSandbox={delivery.sandbox}
          />
        </div>
        <DeliveryState delivery={delivery} />
        <span className="text-sm text-muted">{dateTime(when)}</span>
        {Number(delivery.cost.amount) > 0 && (
          <span className="text-sm text-muted tabular-nums">{money(delivery.cost)}</span>
        )}
        <span className="flex items-center gap-3 text-sm">
          {delivery.url !== null && delivery.removedAt === null && (
            <ExternalLink href={delivery.url}>{t('posts.delivery.open')}</ExternalLink>
          )}
          <Link to="/deliveries/$deliveryId" params={{ deliveryId: delivery.id }}>
            {t('posts.delivery.receipt')}
          </Link>
          {isLive && (
            <DeliveryActions delivery={delivery} canDelete={network?.canDelete ?? false} isCompact />
          )}
        </span>
      </div>
      <Explanation delivery={delivery} network={network?.name ?? delivery.network} />
      {/* While Litfass is looking for it, there is nothing to decide yet; the receipt has the buttons all the same. */}
      {!isLive && !isLooking && (
        <DeliveryActions delivery={delivery} canDelete={network?.canDelete ?? false} />
      )}
    </li>
  )
}

/** Why it stands as it does; nothing where that is plain. */
export function Explanation({ delivery, network }: { delivery: Delivery; network: string }): ReactNode {
  const { shortDateTime } = useFormat()
  const hold = delivery.state === 'held' && delivery.holdReason !== null
  const isRetrying = delivery.state === 'waiting' && delivery.reason !== null && delivery.nextAt !== null
  if (delivery.reason === null && !hold && delivery.state !== 'unsure') return null
  return (
    <div className={cx('rounded-lg px-3.5 py-2.5 text-sm wrap-anywhere', ground(delivery))}>
      {hold && <p className="font-medium">{t(`posts.hold.${delivery.holdReason}`)}</p>}
      {delivery.state === 'unsure' && (
        <p className="font-medium">
          {t(delivery.nextAt === null ? 'posts.unsure.asksYou' : 'posts.unsure.looking')}
        </p>
      )}
      {delivery.reason && <p>{reasonText(delivery.reason, network)}</p>}
      {delivery.reason?.fix && !hold && hasText(`posts.fix.${delivery.reason.fix}`) && (
        <p className="text-muted">{t(`posts.fix.${delivery.reason.fix}`)}</p>
      )}
      {isRetrying && (
        <p className="text-muted">
          {t('posts.delivery.retryAt', { at: shortDateTime(delivery.nextAt ?? '') })}
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

/** As loud as it concerns a person. */
function ground({ state, nextAt }: Delivery): string {
  if (state === 'refused') return 'bg-danger-soft'
  return state === 'held' || (state === 'unsure' && nextAt === null) ? 'bg-warning-soft' : 'bg-sunken'
}
