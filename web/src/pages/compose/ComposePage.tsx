/** Writing a post: a new one, a draft, or one that is scheduled and has not started. */
import { useSuspenseQuery } from '@tanstack/react-query'
import { useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { type ReactNode, useCallback, useState } from 'react'
import { api } from '../../api.ts'
import { t } from '../../i18n.tsx'
import { ButtonLink } from '../../ui/Link.tsx'
import { EmptyState } from '../../ui/EmptyState.tsx'
import { PageHeader } from '../../ui/PageHeader.tsx'
import { Composer } from './Composer.tsx'
import { followAddress, type WritingSession } from './writing-session.ts'

/**
 * One page for `/compose` and `/compose/<id>`: when a new post gets its id at the first save, only the address changes
 * and what is being typed stays where it is.
 */
export function ComposePage(): ReactNode {
  const { postId } = useParams({ from: '/shell/compose/{-$postId}' })
  const { at } = useSearch({ from: '/shell/compose/{-$postId}' })
  const navigate = useNavigate()
  const [session, setSession] = useState<WritingSession>(() => ({
    key: postId ?? 'new',
    postId,
    createdId: undefined,
  }))
  const followed = followAddress(session, postId, `new-${Date.now()}`)
  if (followed !== session) setSession(followed)
  const onCreated = useCallback(
    (id: string) => {
      setSession((before) => ({ ...before, createdId: id }))
      void navigate({ to: '/compose/{-$postId}', params: { postId: id }, replace: true, resetScroll: false })
    },
    [navigate],
  )
  if (postId !== undefined && session.key === postId)
    return <ExistingPost key={session.key} id={postId} onCreated={onCreated} />
  return <Composer key={session.key} post={null} startAt={at ?? null} onCreated={onCreated} />
}

const editable = ['draft', 'scheduled']

function ExistingPost({ id, onCreated }: { id: string; onCreated: (id: string) => void }): ReactNode {
  const { data: post } = useSuspenseQuery(
    api.posts.show.queryOptions({ input: { id }, staleTime: Infinity, gcTime: 0 }),
  )
  // What the composer began with; later answers belong to its own saves.
  const [first] = useState(post)
  const [version, setVersion] = useState(0)
  const [current, setCurrent] = useState(first)
  if (!editable.includes(current.state)) {
    return (
      <>
        <PageHeader title={t('compose.title.edit')} />
        <EmptyState
          icon="lock"
          title={t('compose.started.title')}
          action={
            <ButtonLink variant="primary" to="/posts/$postId" params={{ postId: id }}>
              {t('compose.started.open')}
            </ButtonLink>
          }
        >
          {t('compose.started.text')}
        </EmptyState>
      </>
    )
  }
  return (
    <Composer
      key={version}
      post={current}
      startAt={null}
      onCreated={onCreated}
      onReplaced={(latest) => {
        setCurrent(latest)
        setVersion(version + 1)
      }}
    />
  )
}
