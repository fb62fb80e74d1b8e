/** What a person can do about one delivery: settle it, try it again, keep it back, delete it on the network. */
import { useMutation } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { api, client, queryClient } from '../../api.ts'
import { t } from '../../i18n.tsx'
import { asProblem } from '../../problems.ts'
import { useMay } from '../../session.ts'
import { Button } from '../../ui/Button.tsx'
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx'
import { Dialog } from '../../ui/Dialog.tsx'
import { Form } from '../../ui/Form.tsx'
import { IconButton } from '../../ui/IconButton.tsx'
import { TextField } from '../../ui/TextField.tsx'
import { toast } from '../../ui/toast.ts'
import type { Delivery } from './states.tsx'

type Asked = 'live' | 'again' | 'leave' | 'cancel' | 'delete'

type Props = {
  delivery: Delivery
  canDelete: boolean
  /** As icons, for what stands in a line. */
  isCompact?: boolean
}

export function DeliveryActions({ delivery, canDelete, isCompact = false }: Props): ReactNode {
  const mayWrite = useMay('editor')
  const [asked, setAsked] = useState<Asked | null>(null)
  const close = () => setAsked(null)
  const act = useMutation({
    mutationFn: ({ kind, url }: { kind: Asked; url?: string }) => send(delivery.id, kind, url),
    onSuccess: async () => {
      close()
      toast.done(t('posts.delivery.done'))
      await Promise.all([
        queryClient.invalidateQueries({ queryKey: api.posts.key() }),
        queryClient.invalidateQueries({ queryKey: api.deliveries.key() }),
        queryClient.invalidateQueries({ queryKey: api.notices.key() }),
      ])
    },
  })
  const actions = mayWrite ? actionsFor(delivery, canDelete) : []
  if (actions.length === 0) return null
  const ask = (kind: Asked) => {
    act.reset()
    setAsked(kind)
  }
  return (
    <div className="flex flex-wrap gap-2">
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
            title={t(`posts.delivery.ask.${kind}.title`, { channel: delivery.channelName })}
            action={label(kind, delivery)}
            isDangerous={kind !== 'again'}
            isOpen={asked === kind}
            onClose={close}
            onConfirm={() => act.mutate({ kind })}
            isPending={act.isPending}
            error={act.error}
          >
            {t(
              `posts.delivery.ask.${kind}.${kind === 'again' && delivery.state === 'unsure' ? 'unsure' : 'text'}`,
            )}
          </ConfirmDialog>
        ))}
      <LiveDialog
        isOpen={asked === 'live'}
        onClose={close}
        onSend={(url) => act.mutate({ kind: 'live', url })}
        isPending={act.isPending}
        error={act.error}
      />
    </div>
  )
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

function send(id: string, kind: Asked, url = ''): Promise<unknown> {
  switch (kind) {
    case 'live':
      return client.deliveries.resolve({ id, resolution: { kind: 'live', url } })
    case 'again':
      return client.deliveries.resolve({ id, resolution: { kind: 'send-again' } })
    case 'leave':
      return client.deliveries.resolve({ id, resolution: { kind: 'leave' } })
    case 'cancel':
      return client.deliveries.cancel({ id })
    case 'delete':
      return client.deliveries.remove({ id })
  }
}

type LiveProps = {
  isOpen: boolean
  onClose: () => void
  onSend: (url: string) => void
  isPending: boolean
  error: unknown
}

/** "It is live": the person found the post and gives its address. */
function LiveDialog({ isOpen, onClose, onSend, isPending, error }: LiveProps): ReactNode {
  return (
    <Dialog
      title={t('posts.delivery.ask.live.title')}
      isOpen={isOpen}
      onClose={onClose}
      footer={
        <>
          <Button onPress={onClose}>{t('ui.cancel')}</Button>
          <Button type="submit" form="live-form" variant="primary" isPending={isPending}>
            {t('posts.delivery.action.live')}
          </Button>
        </>
      }
    >
      <Form
        id="live-form"
        fields={['resolution.url']}
        onSend={(values) => onSend(values['resolution.url'] ?? '')}
        error={error == null ? undefined : asProblem(error)}
      >
        <p className="text-muted">{t('posts.delivery.ask.live.text')}</p>
        <TextField
          label={t('posts.delivery.ask.live.url')}
          name="resolution.url"
          type="url"
          isRequired
          placeholder="https://"
        />
      </Form>
    </Dialog>
  )
}
