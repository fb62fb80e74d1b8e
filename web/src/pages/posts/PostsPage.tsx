/** All posts, newest first: searchable, with filters that stand in the address. */
import { useInfiniteQuery, useSuspenseQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { type ReactNode, useEffect, useState } from 'react'
import { api, client, pollWhile } from '../../api.ts'
import { t } from '../../i18n.tsx'
import { useMay } from '../../session.ts'
import { Button } from '../../ui/Button.tsx'
import { EmptyState } from '../../ui/EmptyState.tsx'
import { ButtonLink } from '../../ui/Link.tsx'
import { PagedList } from '../../ui/PagedList.tsx'
import { PageHeader } from '../../ui/PageHeader.tsx'
import { SearchField } from '../../ui/SearchField.tsx'
import { Select } from '../../ui/Select.tsx'
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
      <PagedList
        label={t('posts.title')}
        query={query}
        items={posts}
        empty={isFiltered ? <NothingFound onReset={() => void navigate({ search: {} })} /> : <NoPosts />}
      >
        {(post) => <PostRow key={post.id} post={post} />}
      </PagedList>
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
  // Cleared from elsewhere, by the button of an empty list or the browser's back.
  const [known, setKnown] = useState(search.search)
  if (search.search !== known) {
    setKnown(search.search)
    setText(search.search ?? '')
  }
  useEffect(() => {
    if (text === (known ?? '')) return
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

function NothingFound({ onReset }: { onReset: () => void }): ReactNode {
  return (
    <EmptyState
      icon="search"
      title={t('posts.nothingFound.title')}
      action={<Button onPress={onReset}>{t('posts.nothingFound.action')}</Button>}
    >
      {t('posts.nothingFound.text')}
    </EmptyState>
  )
}

function NoPosts(): ReactNode {
  return (
    <EmptyState icon="posts" title={t('posts.empty.title')}>
      {t('posts.empty.text')}
    </EmptyState>
  )
}
