/** What went out last, with its most telling figures. Missing is not zero: what no channel gave is not shown. */
import { useQuery } from '@tanstack/react-query'
import { Link as RouterLink } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { api, type Client, type Output } from '../../api.ts'
import { useFormat } from '../../format.ts'
import { t } from '../../i18n.tsx'
import { Link } from '../../ui/Link.tsx'
import { NetworkLogo } from '../../ui/NetworkBadge.tsx'
import { previewUrl } from '../compose/content.ts'
import { excerpt, type Post, PostState } from '../posts/states.tsx'
import { Block } from './Block.tsx'
import { Sparkline } from './Sparkline.tsx'
import { sumsByMetric } from './sums.ts'

type Metrics = Output<Client['metrics']['list']>['items']

const shown = 6
const told = ['views', 'reactions', 'likes', 'comments', 'shares'] as const

export function RecentPosts(): ReactNode {
  const query = useQuery(
    api.posts.list.queryOptions({ input: { state: 'published', limit: shown }, refetchInterval: 30_000 }),
  )
  const metrics = useQuery(api.metrics.list.queryOptions({ input: { limit: 200 }, refetchInterval: 30_000 }))
  return (
    <Block
      title={t('overview.recent.title')}
      query={query}
      empty={t('overview.recent.empty')}
      more={
        <Link to="/posts" search={{ state: 'published' }}>
          {t('overview.recent.more')}
        </Link>
      }
    >
      {({ items }) =>
        items.length === 0 ? null : (
          <ul className="divide-y divide-line border-t border-line">
            {items.map((post) => (
              <Row key={post.id} post={post} metrics={metrics.data?.items ?? []} />
            ))}
          </ul>
        )
      }
    </Block>
  )
}

function Row({ post, metrics }: { post: Post; metrics: Metrics }): ReactNode {
  const { dateTime, number } = useFormat()
  const picture = post.attachments[0]
  const sums = sumsByMetric(metrics.filter(({ postId }) => postId === post.id))
  const networks = [...new Set(post.deliveries.map(({ network }) => network))]
  const figures = told.flatMap((metric) => {
    const sum = sums.get(metric)
    return sum === undefined ? [] : [{ metric, ...sum }]
  })
  return (
    <li className="relative flex flex-wrap items-center gap-x-4 gap-y-2.5 px-5 py-3.5 transition-colors hover:bg-sunken/50 has-focus-visible:outline-2 has-focus-visible:-outline-offset-2 has-focus-visible:outline-focus">
      {picture && (
        <img
          src={previewUrl(picture.mediaFileId, 320)}
          alt=""
          loading="lazy"
          className="size-14 shrink-0 rounded-lg bg-sunken object-cover"
        />
      )}
      <div className="min-w-48 flex-1">
        <RouterLink
          to="/posts/$postId"
          params={{ postId: post.id }}
          className="line-clamp-2 font-medium outline-none wrap-anywhere after:absolute after:inset-0"
        >
          {excerpt(post)}
        </RouterLink>
        <p className="mt-1 flex flex-wrap items-center gap-x-2.5 gap-y-1 text-sm text-muted">
          {post.state !== 'published' && <PostState state={post.state} />}
          {post.dueAt !== null && <span>{dateTime(post.dueAt)}</span>}
          <span className="inline-flex gap-1" aria-hidden="true">
            {networks.map((network) => (
              <NetworkLogo key={network} network={network} size={18} />
            ))}
          </span>
        </p>
      </div>
      {figures.length === 0 ? (
        <p className="text-sm text-muted">{t('overview.recent.noFigures')}</p>
      ) : (
        <div className="flex items-center gap-4">
          <dl className="flex gap-4 text-sm">
            {figures.slice(0, 3).map(({ metric, value, count }) => (
              <div key={metric} title={t('posts.popularity.of', { count, all: post.deliveries.length })}>
                <dt className="text-xs text-muted">{t(`metric.${metric}`)}</dt>
                <dd className="font-semibold tabular-nums">
                  {number(value, { notation: value < 10_000 ? 'standard' : 'compact' })}
                </dd>
              </div>
            ))}
          </dl>
          <Sparkline postId={post.id} />
        </div>
      )}
    </li>
  )
}
