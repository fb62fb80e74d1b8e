/** Drafts to go on with, the one that was changed last first. */
import { useQuery } from '@tanstack/react-query'
import { Link as RouterLink } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { api } from '../../api.ts'
import { useFormat } from '../../format.ts'
import { t } from '../../i18n.tsx'
import { useMay } from '../../session.ts'
import { Icon } from '../../ui/icons.tsx'
import { Link } from '../../ui/Link.tsx'
import { previewUrl } from '../../preview-url.ts'
import { excerpt, type Post } from '../posts/states.tsx'
import { Block } from './Block.tsx'

const most = 4

export function Drafts({ className }: { className: string }): ReactNode {
  const query = useQuery({
    // They come by when they were begun; among these are those that were changed last.
    ...api.posts.list.queryOptions({ input: { state: 'draft', limit: 30 } }),
    select: ({ items }) => items.toSorted((a, b) => b.updatedAt.localeCompare(a.updatedAt)).slice(0, most),
  })
  return (
    <Block
      title={t('overview.drafts.title')}
      query={query}
      empty={t('overview.drafts.empty')}
      more={
        <Link to="/posts" search={{ state: 'draft' }}>
          {t('overview.drafts.more')}
        </Link>
      }
      className={className}
    >
      {(post) => <Draft key={post.id} post={post} />}
    </Block>
  )
}

function Draft({ post }: { post: Post }): ReactNode {
  const { relative } = useFormat()
  const mayWrite = useMay('editor')
  const picture = post.attachments[0]
  return (
    <li className="relative flex items-center gap-3.5 px-5 py-3 transition-colors hover:bg-sunken/50 has-focus-visible:outline-2 has-focus-visible:-outline-offset-2 has-focus-visible:outline-focus">
      {picture ? (
        <img
          src={previewUrl(picture.mediaFileId, 320)}
          alt=""
          loading="lazy"
          className="size-10 shrink-0 rounded-md bg-sunken object-cover"
        />
      ) : (
        <span className="grid size-10 shrink-0 place-items-center rounded-md bg-sunken text-muted">
          <Icon name="pencil" />
        </span>
      )}
      <div className="min-w-0 flex-1">
        <RouterLink
          {...(mayWrite
            ? { to: '/compose/{-$postId}' as const, params: { postId: post.id } }
            : { to: '/posts/$postId' as const, params: { postId: post.id } })}
          className="block truncate font-medium outline-none after:absolute after:inset-0"
        >
          {excerpt(post)}
        </RouterLink>
        <p className="text-sm text-muted">
          {t('overview.drafts.changed', { when: relative(post.updatedAt) })}
        </p>
      </div>
    </li>
  )
}
