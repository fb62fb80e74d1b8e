/** What went out last, with its most telling figures. Missing is not zero, and is shown as missing. */
import { useQuery } from '@tanstack/react-query'
import { Link as RouterLink } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { api, type Client, type Output } from '../../api.ts'
import { useFormat } from '../../format.ts'
import { t } from '../../i18n.tsx'
import { Link } from '../../ui/Link.tsx'
import { NetworkLogo } from '../../ui/NetworkBadge.tsx'
import { previewUrl } from '../../preview-url.ts'
import { useNetworksOf } from '../posts/networks.ts'
import { excerpt, type Post, PostState } from '../posts/states.tsx'
import { Block } from './Block.tsx'
import { useRecentPosts } from './recent.ts'
import { Sparkline } from './Sparkline.tsx'
import { figuresOf } from './sums.ts'

type Metrics = Output<Client['metrics']['list']>['items']

export function RecentPosts({ className }: { className: string }): ReactNode {
  const query = useRecentPosts()
  const metrics = useQuery(api.metrics.list.queryOptions({ input: { limit: 200 }, refetchInterval: 30_000 }))
  const networksOf = useNetworksOf()
  return (
    <Block
      title={t('overview.recent.title')}
      query={query}
      empty={t('overview.recent.empty')}
      className={className}
      more={
        <Link to="/posts" search={{ state: 'published' }}>
          {t('overview.recent.more')}
        </Link>
      }
    >
      {(post) => (
        <Row
          key={post.id}
          post={post}
          networks={networksOf(post)}
          metrics={metrics.data?.items.filter(({ postId }) => postId === post.id)}
        />
      )}
    </Block>
  )
}

type RowProps = { post: Post; networks: readonly string[]; metrics: Metrics | undefined }

function Row({ post, networks, metrics }: RowProps): ReactNode {
  const { dateTime } = useFormat()
  const picture = post.attachments[0]
  return (
    <li className="relative flex gap-4 px-5 py-4 transition-colors hover:bg-sunken/50 has-focus-visible:outline-2 has-focus-visible:-outline-offset-2 has-focus-visible:outline-focus">
      {picture && (
        <img
          src={previewUrl(picture.mediaFileId, 320)}
          alt=""
          loading="lazy"
          className="size-14 shrink-0 rounded-lg bg-sunken object-cover"
        />
      )}
      <div className="min-w-0 flex-1">
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
        {metrics && <Figures post={post} metrics={metrics} />}
      </div>
    </li>
  )
}

function Figures({ post, metrics }: { post: Post; metrics: Metrics }): ReactNode {
  const { number } = useFormat()
  const figures = figuresOf(metrics)
  if (figures.length === 0)
    return <p className="mt-2.5 text-sm text-muted">{t('overview.recent.noFigures')}</p>
  return (
    <div className="mt-2.5 flex items-end justify-between gap-4">
      <dl className="flex flex-wrap gap-x-5 gap-y-1.5 text-sm">
        {figures.map(({ metric, value, count }) => {
          const isPart = count > 0 && count < metrics.length
          return (
            <div key={metric} className="sm:min-w-18">
              <dt className="text-xs text-muted">{t(`metric.${metric}`)}</dt>
              <dd className="font-semibold tabular-nums">
                {value === undefined ? (
                  <span className="font-normal text-muted">
                    <span aria-hidden="true">–</span>
                    <span className="sr-only">{t('posts.popularity.missing')}</span>
                  </span>
                ) : (
                  number(value, { notation: value < 10_000 ? 'standard' : 'compact' })
                )}
                {isPart && <Part count={count} all={metrics.length} />}
              </dd>
            </div>
          )
        })}
      </dl>
      <Sparkline postId={post.id} />
    </div>
  )
}

/** From how many of the channels a figure is, where not all gave it. */
function Part({ count, all }: { count: number; all: number }): ReactNode {
  const text = t('posts.popularity.of', { count, all })
  return (
    <span className="ml-1 text-xs font-normal text-muted" title={text}>
      <span aria-hidden="true">
        {count}/{all}
      </span>
      <span className="sr-only">{text}</span>
    </span>
  )
}
