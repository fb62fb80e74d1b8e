/** All posts, newest first: searchable, with filters that stand in the address. */
import { useInfiniteQuery, useSuspenseQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { type ReactNode, useEffect, useState } from 'react'
import { api, client, pollWhile } from '../../api.ts'
import { t } from '../../i18n.tsx'
import { useMay } from '../../session.ts'
import { Button } from '../../ui/Button.tsx'
import { EmptyState } from '../../ui/EmptyState.tsx'
import { ErrorState } from '../../ui/ErrorState.tsx'
import { ButtonLink } from '../../ui/Link.tsx'
import { PageHeader } from '../../ui/PageHeader.tsx'
import { SearchField } from '../../ui/SearchField.tsx'
import { Select } from '../../ui/Select.tsx'
import { Skeleton } from '../../ui/Skeleton.tsx'
import { PostRow } from './PostRow.tsx'
import type { PostsSearch } from './search.ts'
import { allPostStates, type Post } from './states.tsx'

const all = 'all'

export function PostsPage(): ReactNode {
  const search = useSearch({ from: '/shell/posts' })
  const navigate = useNavigate({ from: '/posts' })
  const mayWrite = useMay('editor')
  const filter = (part: PostsSearch) =>
    void navigate({
      search: (before) => withoutEmpty({ ...before, ...part }),
      replace: true,
      resetScroll: false,
    })
  const isFiltered = Object.keys(search).length > 0
  const query = useInfiniteQuery({
    queryKey: [...api.posts.list.key(), 'pages', search],
    queryFn: ({ pageParam }) =>
      client.posts.list({
        limit: 30,
        ...(search as { state?: Post['state'] }),
        ...(pageParam === null ? {} : { cursor: pageParam }),
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    refetchInterval: pollWhile(
      (data) => data.pages.some((page) => page.items.some((post) => post.state === 'publishing')),
      2_000,
    ),
  })
  const posts = query.data?.pages.flatMap((page) => page.items) ?? []
  return (
    <>
      <PageHeader
        title={t('posts.title')}
        actions={
          mayWrite && (
            <ButtonLink variant="primary" icon="plus" to="/compose/{-$postId}" params={{ postId: undefined }}>
              {t('shell.newPost')}
            </ButtonLink>
          )
        }
      />
      <Filters search={search} onFilter={filter} />
      {query.isPending ? (
        <ListSkeleton />
      ) : query.isError && posts.length === 0 ? (
        <ErrorState error={query.error} onRetry={() => void query.refetch()} />
      ) : posts.length === 0 ? (
        isFiltered ? (
          <EmptyState
            icon="search"
            title={t('posts.nothingFound.title')}
            action={
              <Button onPress={() => void navigate({ search: {} })}>{t('posts.nothingFound.action')}</Button>
            }
          >
            {t('posts.nothingFound.text')}
          </EmptyState>
        ) : (
          <EmptyState icon="posts" title={t('posts.empty.title')}>
            {t('posts.empty.text')}
          </EmptyState>
        )
      ) : (
        <>
          <ul
            aria-label={t('posts.title')}
            className="divide-y divide-line overflow-hidden rounded-xl border border-line bg-surface shadow-low"
          >
            {posts.map((post) => (
              <PostRow key={post.id} post={post} />
            ))}
          </ul>
          {query.hasNextPage && (
            <div className="mt-4 flex justify-center">
              <Button onPress={() => void query.fetchNextPage()} isPending={query.isFetchingNextPage}>
                {t('posts.more')}
              </Button>
            </div>
          )}
        </>
      )}
    </>
  )
}

function Filters({
  search,
  onFilter,
}: {
  search: PostsSearch
  onFilter: (part: PostsSearch) => void
}): ReactNode {
  const { data: channels } = useSuspenseQuery(api.channels.list.queryOptions())
  const [text, setText] = useState(search.search ?? '')
  useEffect(() => {
    if (text === (search.search ?? '')) return
    const wait = setTimeout(() => onFilter({ search: text }), 300)
    return () => clearTimeout(wait)
  })
  return (
    <search className="mb-4 flex flex-wrap items-center gap-2.5">
      <div className="min-w-52 flex-1">
        <SearchField label={t('posts.filter.search')} value={text} onChange={setText} />
      </div>
      <Select
        label={t('posts.filter.state')}
        isCompact
        value={search.state ?? all}
        onChange={(state) => onFilter({ state: state === all ? '' : state })}
        choices={[
          { id: all, text: t('posts.filter.anyState') },
          ...allPostStates.map((id) => ({ id, text: t(`posts.state.${id}`) })),
        ]}
      />
      {channels.items.length > 1 && (
        <Select
          label={t('posts.filter.channel')}
          isCompact
          value={search.channelId ?? all}
          onChange={(channelId) => onFilter({ channelId: channelId === all ? '' : channelId })}
          choices={[
            { id: all, text: t('posts.filter.anyChannel') },
            ...channels.items.map(({ id, name }) => ({ id, text: name })),
          ]}
        />
      )}
    </search>
  )
}

function withoutEmpty(search: PostsSearch): PostsSearch {
  return Object.fromEntries(Object.entries(search).filter(([, value]) => value !== '' && value !== undefined))
}

function ListSkeleton(): ReactNode {
  return (
    <div role="status" aria-label={t('ui.loading')} className="flex flex-col gap-2">
      {[1, 2, 3, 4].map((row) => (
        <Skeleton key={row} className="h-16" />
      ))}
    </div>
  )
}
