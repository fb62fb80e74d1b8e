/** The first comment below a delivery: how it stands, why, and what can be done. It never changes how the post stands. */
import type { ReactNode } from 'react'
import { t } from '../../i18n.tsx'
import { Icon } from '../../ui/icons.tsx'
import { ExternalLink, Link } from '../../ui/Link.tsx'
import { DeliveryActions } from './DeliveryActions.tsx'
import { asksPerson, Explanation } from './Explanation.tsx'
import { type Delivery, DeliveryState } from './states.tsx'

type Comment = NonNullable<Delivery['comment']>

/** A comment is a delivery of its own, to the same channel. */
function asDelivery(post: Delivery, comment: Comment): Delivery {
  return { ...post, ...comment, parentId: post.id, comment: null }
}

export function CommentLine({ post, network }: { post: Delivery; network: string }): ReactNode {
  const { comment } = post
  if (comment === null) return null
  const delivery = asDelivery(post, comment)
  const isLive = comment.state === 'published'
  const isLooking = comment.state === 'unsure' && !asksPerson(delivery)
  const waitsForPost = comment.state === 'waiting' && comment.nextAt === null && comment.holdReason === null
  return (
    <div className="flex flex-col gap-2 border-s-2 border-line ps-3.5 text-sm">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1.5">
        <span className="inline-flex items-center gap-1.5 font-medium">
          <Icon name="comment" size={16} />
          {t('posts.comment.title')}
        </span>
        {waitsForPost ? (
          <span className="text-muted">{t('posts.comment.waits')}</span>
        ) : (
          <DeliveryState delivery={delivery} />
        )}
        {comment.url !== null && comment.removedAt === null && (
          <ExternalLink href={comment.url}>{t('posts.delivery.open')}</ExternalLink>
        )}
        <Link to="/deliveries/$deliveryId" params={{ deliveryId: comment.id }}>
          {t('posts.delivery.receipt')}
        </Link>
        {isLive && <DeliveryActions delivery={delivery} canDelete isCompact />}
      </div>
      <p className="line-clamp-3 max-w-prose text-muted whitespace-pre-wrap wrap-anywhere">{comment.text}</p>
      <Explanation delivery={delivery} network={network} />
      {!isLive && !isLooking && !waitsForPost && (
        <DeliveryActions delivery={delivery} canDelete text={comment.text} />
      )}
    </div>
  )
}
