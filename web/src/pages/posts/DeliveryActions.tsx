/** What a person can do about one delivery: settle it, try it again, keep it back, delete it on the network. */
import { useMutation } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { lazy, type ReactNode, Suspense, useState } from 'react'
import { api, client, queryClient } from '../../api.ts'
import { t } from '../../i18n.tsx'
import { useMay } from '../../session.ts'
import { Button } from '../../ui/Button.tsx'
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx'
import { IconButton } from '../../ui/IconButton.tsx'
import { toast } from '../../ui/toast.ts'
import type { Delivery } from './states.tsx'

const LiveDialog = lazy(async () => ({ default: (await import('./LiveDialog.tsx')).LiveDialog }))
const RewordDialog = lazy(async () => ({ default: (await import('./RewordDialog.tsx')).RewordDialog }))

type Asked = 'live' | 'again' | 'leave' | 'cancel' | 'delete'

type Props = {
  delivery: Delivery
  canDelete: boolean
  /** Of a first comment, what it says. */
  text?: string
  /** As icons, for what stands in a line. */
  isCompact?: boolean
}

export function DeliveryActions({ delivery, canDelete, text = '', isCompact = false }: Props): ReactNode {
  const mayWrite = useMay('editor')
  const navigate = useNavigate()
  const [asked, setAsked] = useState<Asked | null>(null)
  const [isRewording, setRewording] = useState(false)
  const close = () => setAsked(null)
  const act = useMutation({
    mutationFn: ({ kind, url }: { kind: Asked; url?: string }) => send(delivery, kind, url),
    onSuccess: async (_, { kind }) => {
      close()
      toast.done(t(`posts.delivery.done.${kind}`, { channel: delivery.channelName }))
      await readAgain()
    },
  })
  const rewrite = useMutation({
    mutationFn: () => draftFor(delivery),
    onSuccess: async (postId) => {
      await queryClient.invalidateQueries({ queryKey: api.posts.key() })
      await navigate({ to: '/compose/{-$postId}', params: { postId } })
    },
    onError: toast.failed,
  })
  const actions = mayWrite ? actionsFor(delivery, canDelete) : []
  const mayReword = mayWrite && delivery.isRewordable
  if (actions.length === 0 && !mayReword) return null
  const ask = (kind: Asked) => {
    act.reset()
    setAsked(kind)
  }
  return (
    <div className="flex flex-wrap gap-2">
      {delivery.state === 'refused' && delivery.reason?.fix === 'content' && delivery.parentId === null && (
        <Button
          size="small"
          variant="primary"
          icon="pencil"
          isPending={rewrite.isPending}
          onPress={() => rewrite.mutate()}
        >
          {t('posts.delivery.action.rewrite')}
        </Button>
      )}
      {mayReword && (
        <Button size="small" variant="primary" icon="pencil" onPress={() => setRewording(true)}>
          {t('posts.comment.reword.action')}
        </Button>
      )}
      {actions.map((kind) =>
        isCompact ? (
          <IconButton
            key={kind}
            icon="trash"
            size="small"
            label={`${label(kind, delivery)}: ${delivery.channelName}`}
            onPress={() => ask(kind)}
          />
        ) : (
          <Button
            key={kind}
            size="small"
            variant={kind === 'delete' ? 'quiet' : 'secondary'}
            aria-label={`${label(kind, delivery)}: ${delivery.channelName}`}
            onPress={() => ask(kind)}
          >
            {label(kind, delivery)}
          </Button>
        ),
      )}
      {actions
        .filter((kind) => kind !== 'live')
        .map((kind) => (
          <ConfirmDialog
            key={kind}
            title={t(
              kind === 'delete' && delivery.parentId !== null
                ? 'posts.comment.ask.delete.title'
                : `posts.delivery.ask.${kind}.title`,
              { channel: delivery.channelName },
            )}
            action={label(kind, delivery)}
            isDangerous={kind !== 'again'}
            isOpen={asked === kind}
            onClose={close}
            onConfirm={() => act.mutate({ kind })}
            isPending={act.isPending}
            error={act.error}
          >
            {t(questionFor(kind, delivery))}
          </ConfirmDialog>
        ))}
      {isRewording && (
        <Suspense>
          <RewordDialog
            delivery={delivery}
            text={text}
            onClose={() => setRewording(false)}
            onSent={readAgain}
          />
        </Suspense>
      )}
      {asked === 'live' && (
        <Suspense>
          <LiveDialog
            onClose={close}
            onSend={(url) => act.mutate({ kind: 'live', url })}
            isPending={act.isPending}
            error={act.error}
          />
        </Suspense>
      )}
    </div>
  )
}

function readAgain(): Promise<unknown> {
  return Promise.all([
    queryClient.invalidateQueries({ queryKey: api.posts.key() }),
    queryClient.invalidateQueries({ queryKey: api.deliveries.key() }),
    queryClient.invalidateQueries({ queryKey: api.notices.key() }),
  ])
}

function questionFor(kind: Asked, { state, parentId }: Delivery): string {
  if (parentId !== null && kind === 'delete') return 'posts.comment.ask.delete.text'
  if (parentId !== null && kind === 'cancel') return 'posts.comment.ask.cancel.text'
  return `posts.delivery.ask.${kind}.${kind === 'again' && state === 'unsure' ? 'unsure' : 'text'}`
}

/** What was sent cannot be changed; a new draft for that channel alone can. Returns its id. */
async function draftFor({ postId, channelId }: Delivery): Promise<string> {
  // Of the composer, which is opened next.
  const { contentOf, inputOf } = await import('../compose/content.ts')
  const copy = await client.posts.duplicate({ id: postId })
  const input = inputOf({ ...contentOf(copy), channelIds: [channelId], at: null })
  const { id } = await client.posts.change({ ...input, id: copy.id, revision: copy.revision })
  return id
}

function actionsFor({ state, removedAt, remoteId }: Delivery, canDelete: boolean): Asked[] {
  switch (state) {
    case 'unsure':
      return ['live', 'again', 'leave']
    case 'refused':
      return ['again', 'leave']
    case 'held':
      return ['again', 'cancel']
    case 'waiting':
      return ['cancel']
    case 'published':
      return canDelete && removedAt === null && remoteId !== null ? ['delete'] : []
    case 'claimed':
    case 'sending':
    case 'cancelled':
      return []
  }
}

function label(kind: Asked, delivery: Delivery): string {
  if (kind === 'again' && delivery.state === 'held') return t('posts.delivery.action.release')
  return t(`posts.delivery.action.${kind}`)
}

function send({ id, state }: Delivery, kind: Asked, url = ''): Promise<unknown> {
  switch (kind) {
    case 'live':
      return client.deliveries.resolve({ id, resolution: { kind: 'live', url } })
    case 'again':
      return client.deliveries.resolve({ id, resolution: { kind: 'send-again' } })
    case 'leave':
      return client.deliveries.resolve({ id, resolution: { kind: 'leave' } })
    case 'cancel':
      // What is held may have left already, which cancelling refuses; a person may still let it rest.
      return state === 'held'
        ? client.deliveries.resolve({ id, resolution: { kind: 'leave' } })
        : client.deliveries.cancel({ id })
    case 'delete':
      return client.deliveries.remove({ id })
  }
}
