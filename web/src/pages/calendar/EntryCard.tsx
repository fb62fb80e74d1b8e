/** One post in the calendar: time, state, networks, beginning; it can be dragged, and moved by its button. */
import { Link as RouterLink } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { t } from '../../i18n.tsx'
import { cx } from '../../ui/cx.ts'
import { Icon, type IconName } from '../../ui/icons.tsx'
import { IconButton } from '../../ui/IconButton.tsx'
import { NetworkLogo } from '../../ui/NetworkBadge.tsx'
import { excerpt, type Post, PostState } from '../posts/states.tsx'
import type { Entry } from './entries.ts'
import { isMovable } from './move.ts'

const looks: Record<Post['state'], { edge: string; mark: string; icon: IconName }> = {
  draft: { edge: 'border-l-line-strong border-dashed', mark: 'text-muted', icon: 'pencil' },
  scheduled: { edge: 'border-l-info', mark: 'text-info', icon: 'clock' },
  publishing: { edge: 'border-l-accent', mark: 'text-accent', icon: 'send' },
  published: { edge: 'border-l-success', mark: 'text-success', icon: 'check' },
  'partly-published': { edge: 'border-l-warning', mark: 'text-warning', icon: 'alert' },
  failed: { edge: 'border-l-danger', mark: 'text-danger', icon: 'error' },
  cancelled: { edge: 'border-l-line-strong', mark: 'text-muted', icon: 'close' },
}

/** What a dragged entry carries. */
export const dragType = 'application/x-litfass-post'

export type EntryProps = {
  entry: Entry
  networks: readonly string[]
  mayWrite: boolean
  onMove: (post: Post) => void
}

type Props = EntryProps & {
  /** How many lines of the text are shown. */
  lines: 'one' | 'few'
  /** In a grid only one cell's entries stand in the order of the Tab key. */
  isInTabOrder: boolean
}

/** In a cell of the grid. */
export function EntryCard({ entry, networks, mayWrite, onMove, lines, isInTabOrder }: Props): ReactNode {
  const { post, isMoving } = entry
  const { edge, mark, icon } = looks[post.state]
  const isFree = mayWrite && isMovable(post) && !isMoving
  return (
    <div
      data-post={post.id}
      draggable={isFree}
      onDragStart={(event) => {
        event.dataTransfer.setData(dragType, post.id)
        event.dataTransfer.effectAllowed = 'move'
      }}
      className={cx(
        'group relative cursor-pointer rounded-md border border-l-[3px] border-line bg-surface px-1.5 py-1 text-xs transition-shadow hover:shadow-low has-[a:focus-visible]:outline-2 has-[a:focus-visible]:outline-focus',
        isMoving && 'border-dashed',
        edge,
      )}
    >
      <div className="flex h-5 items-center gap-1">
        <span className={mark}>
          <Icon name={icon} size={14} />
        </span>
        <span className="font-semibold tabular-nums">{entry.wall.slice(11)}</span>
        <span className="sr-only">{t(`posts.state.${post.state}`)}</span>
        {lines === 'one' && (
          <Logos
            networks={networks}
            most={3}
            size={14}
            className={cx(
              // What has no room goes into a second line, which is not seen.
              'ml-auto h-3.5 min-w-0 flex-1 flex-wrap justify-end gap-y-1 overflow-hidden',
              isFree && 'group-focus-within:invisible group-hover:invisible',
            )}
          />
        )}
      </div>
      <RouterLink
        to="/posts/$postId"
        params={{ postId: post.id }}
        draggable={false}
        tabIndex={isInTabOrder ? 0 : -1}
        className={cx(
          'outline-none wrap-anywhere after:absolute after:inset-0',
          lines === 'one' ? 'block truncate' : 'line-clamp-3',
          post.state === 'cancelled' && 'text-muted line-through',
        )}
      >
        {excerpt(post, 80)}
      </RouterLink>
      {lines === 'few' && <Logos networks={networks} most={6} size={14} className="mt-1 flex-wrap" />}
      {isFree && (
        <span className="absolute top-px right-px z-10 rounded-md bg-surface opacity-0 group-focus-within:opacity-100 group-hover:opacity-100 pointer-coarse:opacity-100">
          <IconButton
            icon="calendar"
            size="tiny"
            label={t('calendar.move', { post: excerpt(post, 40) })}
            excludeFromTabOrder={!isInTabOrder}
            onPress={() => onMove(post)}
          />
        </span>
      )}
    </div>
  )
}

/** In a list of days. */
export function EntryRow({ entry, networks, mayWrite, onMove }: EntryProps): ReactNode {
  const { post, isMoving } = entry
  return (
    <div
      data-post={post.id}
      className={cx(
        'relative flex items-center gap-2 rounded-lg border border-l-[3px] border-line bg-surface py-2.5 pr-1.5 pl-3 has-[a:focus-visible]:outline-2 has-[a:focus-visible]:outline-focus',
        looks[post.state].edge,
      )}
    >
      <div className="min-w-0 flex-1">
        <div className="flex flex-wrap items-center gap-x-2.5 gap-y-1 text-sm">
          <span className="font-semibold tabular-nums">{entry.wall.slice(11)}</span>
          <PostState state={post.state} />
          <Logos networks={networks} most={6} size={18} />
        </div>
        <RouterLink
          to="/posts/$postId"
          params={{ postId: post.id }}
          className={cx(
            'mt-1 line-clamp-2 outline-none wrap-anywhere after:absolute after:inset-0',
            post.state === 'cancelled' && 'text-muted line-through',
          )}
        >
          {excerpt(post, 140)}
        </RouterLink>
      </div>
      {mayWrite && isMovable(post) && !isMoving && (
        <span className="z-10">
          <IconButton
            icon="calendar"
            label={t('calendar.move', { post: excerpt(post, 40) })}
            onPress={() => onMove(post)}
          />
        </span>
      )}
    </div>
  )
}

type LogosProps = { networks: readonly string[]; most: number; size: number; className?: string }

/** As many as there is room for; of more than that, one less and how many are left out. */
function Logos({ networks, most, size, className }: LogosProps): ReactNode {
  const shown = networks.length > most ? networks.slice(0, most - 1) : networks
  const hidden = networks.length - shown.length
  if (networks.length === 0) return null
  return (
    <span aria-hidden="true" className={cx('flex items-center gap-0.5', className)}>
      {shown.map((network) => (
        <NetworkLogo key={network} network={network} size={size} />
      ))}
      {hidden > 0 && <span className="pl-px text-[0.6875rem] leading-none text-muted">+{hidden}</span>}
    </span>
  )
}
