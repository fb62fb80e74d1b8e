/** One post in the calendar: time, networks, beginning, state; it can be dragged, and moved by its menu. */
import { Link as RouterLink } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { t } from '../../i18n.tsx'
import { cx } from '../../ui/cx.ts'
import { Icon, type IconName } from '../../ui/icons.tsx'
import { IconButton } from '../../ui/IconButton.tsx'
import { NetworkLogo } from '../../ui/NetworkBadge.tsx'
import { excerpt, type Post } from '../posts/states.tsx'
import type { Entry } from './entries.ts'
import { isMovable } from './move.ts'

const looks: Record<Post['state'], { edge: string; icon: IconName }> = {
  draft: { edge: 'border-l-line-strong border-dashed', icon: 'pencil' },
  scheduled: { edge: 'border-l-info', icon: 'clock' },
  publishing: { edge: 'border-l-accent', icon: 'send' },
  published: { edge: 'border-l-success', icon: 'check' },
  'partly-published': { edge: 'border-l-warning', icon: 'alert' },
  failed: { edge: 'border-l-danger', icon: 'error' },
  cancelled: { edge: 'border-l-line-strong opacity-60', icon: 'close' },
}

type Props = { entry: Entry; mayWrite: boolean; onMove: (post: Post) => void; isRoomy?: boolean }

/** What a dragged entry carries. */
export const dragType = 'application/x-litfass-post'

export function EntryCard({ entry: { post, time }, mayWrite, onMove, isRoomy = false }: Props): ReactNode {
  const { edge, icon } = looks[post.state]
  const networks = [...new Set(post.deliveries.map((delivery) => delivery.network))]
  const isFree = mayWrite && isMovable(post)
  return (
    <div
      draggable={isFree}
      onDragStart={(event) => {
        event.dataTransfer.setData(dragType, post.id)
        event.dataTransfer.effectAllowed = 'move'
      }}
      className={cx(
        'group relative rounded-md border border-l-[3px] border-line bg-surface px-2 py-1.5 text-xs transition-shadow hover:shadow-low has-focus-visible:outline-2 has-focus-visible:outline-focus',
        isFree && 'cursor-grab active:cursor-grabbing',
        edge,
      )}
    >
      <div className="flex items-center gap-1.5">
        <span className="text-muted">
          <Icon name={icon} size={14} />
        </span>
        <span className="font-semibold tabular-nums">{time}</span>
        <span className="sr-only">{t(`posts.state.${post.state}`)}</span>
      </div>
      <RouterLink
        to="/posts/$postId"
        params={{ postId: post.id }}
        draggable={false}
        className={cx(
          'mt-0.5 block outline-none wrap-anywhere after:absolute after:inset-0',
          isRoomy ? 'line-clamp-4' : 'truncate',
        )}
      >
        {excerpt(post, isRoomy ? 140 : 60)}
      </RouterLink>
      <span className="mt-1 flex flex-wrap gap-0.5" aria-hidden="true">
        {networks.map((network) => (
          <NetworkLogo key={network} network={network} size={14} />
        ))}
      </span>
      {isFree && (
        <span className="absolute right-0.5 bottom-0.5 z-10 rounded-md bg-surface opacity-0 group-focus-within:opacity-100 group-hover:opacity-100 pointer-coarse:static pointer-coarse:block pointer-coarse:opacity-100">
          <IconButton
            icon="calendar"
            size="small"
            label={t('calendar.move', { post: excerpt(post, 40) })}
            onPress={() => onMove(post)}
          />
        </span>
      )}
    </div>
  )
}
