/** Writing a post: a new one, a draft, or one that is scheduled and has not started. */
import { useSuspenseQuery } from '@tanstack/react-query'
import { useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { type ReactNode, useCallback, useState } from 'react'
import { client } from '../../api.ts'
import { t } from '../../i18n.tsx'
import { useMay } from '../../session.ts'
import { ButtonLink } from '../../ui/Link.tsx'
import { EmptyState } from '../../ui/EmptyState.tsx'
import { PageHeader } from '../../ui/PageHeader.tsx'
import { Composer } from './Composer.tsx'

/**
 * One page for `/compose` and `/compose/<id>`: when a new post gets its id at the first save, only the address changes
 * and what is being typed stays where it is.
 */
export function ComposePage(): ReactNode {
  const { postId } = useParams({ from: '/shell/compose/{-$postId}' })
  const { at } = useSearch({ from: '/shell/compose/{-$postId}' })
  const navigate = useNavigate()
  const mayWrite = useMay('editor')
  const [session, setSession] = useState(() => sessionAt(0, postId))
  if (postId !== session.address)
    setSession(
      postId === session.ownId ? { ...session, address: postId } : sessionAt(session.number + 1, postId),
    )
  const onCreated = useCallback(
    (id: string) => {
      setSession((before) => ({ ...before, ownId: id }))
      void navigate({
        to: '/compose/{-$postId}',
        params: { postId: id },
        replace: true,
        resetScroll: false,
        ignoreBlocker: true,
      })
    },
    [navigate],
  )
  /** Begins anew with what the server has. */
  const onReload = useCallback(() => setSession(({ number, ownId }) => sessionAt(number + 1, ownId)), [])
  if (!mayWrite) return <ReadOnly postId={postId} />
  const props = { onCreated, onReload }
  if (session.firstId === undefined)
    return <Composer key={session.number} post={null} startAt={at ?? null} {...props} />
  return <ExistingPost key={session.number} id={session.firstId} number={session.number} {...props} />
}

/** One sitting at one post. The address follows its first save a moment later, which is no reason to begin anew. */
type Session = {
  number: number
  firstId: string | undefined
  ownId: string | undefined
  address: string | undefined
}

function sessionAt(number: number, postId: string | undefined): Session {
  return { number, firstId: postId, ownId: postId, address: postId }
}

const editable = ['draft', 'scheduled']

type ExistingProps = { id: string; number: number; onCreated: (id: string) => void; onReload: () => void }

function ExistingPost({ id, number, ...props }: ExistingProps): ReactNode {
  // Of this session alone: what other pages have of the post may be old, and later answers belong to its own saves.
  const { data: post } = useSuspenseQuery({
    queryKey: ['compose', id, number],
    queryFn: () => client.posts.show({ id }),
    staleTime: Infinity,
    gcTime: 0,
  })
  const [first] = useState(post)
  if (!editable.includes(first.state))
    return (
      <Closed
        title={t('compose.started.title')}
        text={t('compose.started.text')}
        postId={id}
        action={t('compose.started.open')}
      />
    )
  return <Composer post={first} startAt={null} {...props} />
}

function ReadOnly({ postId }: { postId: string | undefined }): ReactNode {
  return (
    <Closed
      title={t('compose.readOnly.title')}
      text={t('compose.readOnly.text')}
      postId={postId}
      action={t('compose.started.open')}
    />
  )
}

type ClosedProps = { title: string; text: string; postId: string | undefined; action: string }

function Closed({ title, text, postId, action }: ClosedProps): ReactNode {
  return (
    <>
      <PageHeader title={t(postId === undefined ? 'compose.title.new' : 'compose.title.edit')} />
      <EmptyState
        icon="lock"
        title={title}
        action={
          postId === undefined ? undefined : (
            <ButtonLink variant="primary" to="/posts/$postId" params={{ postId }}>
              {action}
            </ButtonLink>
          )
        }
      >
        {text}
      </EmptyState>
    </>
  )
}
