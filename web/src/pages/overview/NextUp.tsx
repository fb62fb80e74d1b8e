/** What goes out next, the soonest first. */
import { useQuery } from '@tanstack/react-query'
import { Link as RouterLink } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { api } from '../../api.ts'
import { useFormat } from '../../format.ts'
import { t } from '../../i18n.tsx'
import { useMay } from '../../session.ts'
import { Link } from '../../ui/Link.tsx'
import { NetworkLogo } from '../../ui/NetworkBadge.tsx'
import { useNetworksOf } from '../posts/networks.ts'
import { excerpt } from '../posts/states.tsx'
import { Block } from './Block.tsx'

const most = 5

export function NextUp({ className }: { className: string }): ReactNode {
  const { time, nearDay } = useFormat()
  const networksOf = useNetworksOf()
  const query = useQuery({
    ...api.posts.list.queryOptions({ input: { state: 'scheduled', order: 'soonest', limit: most } }),
    select: ({ items }) => items,
    refetchInterval: 60_000,
  })
  return (
    <Block
      title={t('overview.planned.title')}
      query={query}
      empty={<NothingPlanned />}
      more={<Link to="/calendar">{t('overview.planned.more')}</Link>}
      className={className}
    >
      {(post) => (
        <li
          key={post.id}
          className="relative flex gap-3.5 px-5 py-3 transition-colors hover:bg-sunken/50 has-focus-visible:outline-2 has-focus-visible:-outline-offset-2 has-focus-visible:outline-focus"
        >
          {post.dueAt !== null && (
            <p className="w-24 shrink-0 text-sm whitespace-nowrap">
              <span className="block font-semibold tabular-nums">{time(post.dueAt)}</span>
              <span className="block text-muted first-letter:uppercase">{nearDay(post.dueAt)}</span>
            </p>
          )}
          <div className="min-w-0 flex-1">
            <RouterLink
              to="/posts/$postId"
              params={{ postId: post.id }}
              className="line-clamp-2 font-medium outline-none wrap-anywhere after:absolute after:inset-0"
            >
              {excerpt(post)}
            </RouterLink>
            <span className="mt-1.5 flex flex-wrap gap-1" aria-hidden="true">
              {networksOf(post).map((network) => (
                <NetworkLogo key={network} network={network} size={18} />
              ))}
            </span>
          </div>
        </li>
      )}
    </Block>
  )
}

function NothingPlanned(): ReactNode {
  const mayWrite = useMay('editor')
  return (
    <p>
      {t('overview.planned.empty')}{' '}
      {mayWrite && (
        <Link to="/compose/{-$postId}" params={{ postId: undefined }}>
          {t('overview.steps.write')}
        </Link>
      )}
    </p>
  )
}
