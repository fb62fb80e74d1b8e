/** What a person wants first: what needs them, what goes out next, and how the last posts did. */
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { api } from '../../api.ts'
import { t } from '../../i18n.tsx'
import { useMe } from '../../session.ts'
import { Link } from '../../ui/Link.tsx'
import { PageHeader } from '../../ui/PageHeader.tsx'
import { PostRow } from '../posts/PostRow.tsx'
import { Block } from './Block.tsx'
import { FirstSteps } from './FirstSteps.tsx'
import { OpenNotices } from './OpenNotices.tsx'
import { RecentPosts } from './RecentPosts.tsx'

export function OverviewPage(): ReactNode {
  const { member } = useMe()
  return (
    <>
      <PageHeader title={t('overview.hello', { name: member.name })} />
      <div className="flex flex-col gap-5">
        <OpenNotices />
        <FirstSteps />
        <div className="grid items-start gap-5 lg:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
          <RecentPosts />
          <div className="flex min-w-0 flex-col gap-5">
            <Planned />
            <Drafts />
          </div>
        </div>
      </div>
    </>
  )
}

function Planned(): ReactNode {
  const query = useQuery(
    api.posts.list.queryOptions({ input: { state: 'scheduled', limit: 50 }, refetchInterval: 60_000 }),
  )
  return (
    <Block
      title={t('overview.planned.title')}
      query={query}
      empty={t('overview.planned.empty')}
      more={<Link to="/calendar">{t('overview.planned.more')}</Link>}
    >
      {({ items }) => {
        const next = items.toSorted((a, b) => (a.dueAt ?? '').localeCompare(b.dueAt ?? '')).slice(0, 5)
        return next.length === 0 ? null : (
          <ul className="divide-y divide-line border-t border-line">
            {next.map((post) => (
              <PostRow key={post.id} post={post} />
            ))}
          </ul>
        )
      }}
    </Block>
  )
}

function Drafts(): ReactNode {
  const query = useQuery(api.posts.list.queryOptions({ input: { state: 'draft', limit: 4 } }))
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
    >
      {({ items }) =>
        items.length === 0 ? null : (
          <ul className="divide-y divide-line border-t border-line">
            {items.map((post) => (
              <PostRow key={post.id} post={post} />
            ))}
          </ul>
        )
      }
    </Block>
  )
}
