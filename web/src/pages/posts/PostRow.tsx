/** One post in a list: its beginning, where it goes, when, and how it stands. */
import { Link as RouterLink } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useFormat } from '../../format.ts'
import { t } from '../../i18n.tsx'
import { Icon } from '../../ui/icons.tsx'
import { NetworkLogo } from '../../ui/NetworkBadge.tsx'
import { previewUrl } from '../../preview-url.ts'
import { useNetworksOf } from './networks.ts'
import { excerpt, type Post, PostState } from './states.tsx'

export function PostRow({ post }: { post: Post }): ReactNode {
  const { dateTime } = useFormat()
  const picture = post.attachments[0]
  const networks = useNetworksOf()(post)
  return (
    <li className="@container relative flex items-center gap-3.5 px-4 py-3 transition-colors hover:bg-sunken/50 has-focus-visible:outline-2 has-focus-visible:-outline-offset-2 has-focus-visible:outline-focus">
      {picture ? (
        <img
          src={previewUrl(picture.mediaFileId, 320)}
          alt=""
          loading="lazy"
          className="size-12 shrink-0 rounded-md bg-sunken object-cover"
        />
      ) : (
        <span className="grid size-12 shrink-0 place-items-center rounded-md bg-sunken text-muted">
          <Icon name="posts" />
        </span>
      )}
      <div className="min-w-0 flex-1">
        <RouterLink
          to="/posts/$postId"
          params={{ postId: post.id }}
          className="line-clamp-2 font-medium outline-none wrap-anywhere after:absolute after:inset-0 @lg:line-clamp-1"
        >
          {excerpt(post)}
        </RouterLink>
        <div className="mt-1 flex flex-wrap items-center gap-x-3 gap-y-1 text-sm text-muted">
          <PostState state={post.state} />
          <span>
            {post.dueAt === null
              ? t('posts.changedAt', { at: dateTime(post.updatedAt) })
              : dateTime(post.dueAt)}
          </span>
        </div>
      </div>
      <span className="hidden gap-1 @lg:flex" aria-hidden="true">
        {networks.map((network) => (
          <NetworkLogo key={network} network={network} size={22} />
        ))}
      </span>
    </li>
  )
}
