/** One delivery of a post: where, how it stands, why, and what can be done. */
import { useSuspenseQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { api } from '../../api.ts'
import { useFormat } from '../../format.ts'
import { t } from '../../i18n.tsx'
import { ExternalLink, Link } from '../../ui/Link.tsx'
import { NetworkBadge } from '../../ui/NetworkBadge.tsx'
import { CommentLine } from './CommentLine.tsx'
import { DeliveryActions } from './DeliveryActions.tsx'
import { asksPerson, Explanation } from './Explanation.tsx'
import { type Delivery, DeliveryState } from './states.tsx'

export function DeliveryRow({ delivery }: { delivery: Delivery }): ReactNode {
  const { data: networks } = useSuspenseQuery(api.networks.list.queryOptions({ staleTime: Infinity }))
  const { dateTime, money } = useFormat()
  const network = networks.items.find(({ id }) => id === delivery.network)
  const isLive = delivery.state === 'published'
  const isLooking = delivery.state === 'unsure' && !asksPerson(delivery)
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
      <CommentLine post={delivery} network={network?.name ?? delivery.network} />
    </li>
  )
}
