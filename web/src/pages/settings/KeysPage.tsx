/** API keys: what scripts, the command line and other tools sign in with. */
import { useMutation, useQueryClient, useSuspenseQuery } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { api, type Client, client, type Output } from '../../api.ts'
import { useFormat } from '../../format.ts'
import { t } from '../../i18n.tsx'
import { Badge } from '../../ui/Badge.tsx'
import { Banner } from '../../ui/Banner.tsx'
import { Button } from '../../ui/Button.tsx'
import { Card } from '../../ui/Card.tsx'
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx'
import { CopyField } from '../../ui/CopyField.tsx'
import { Dialog } from '../../ui/Dialog.tsx'
import { EmptyState } from '../../ui/EmptyState.tsx'
import { Form } from '../../ui/Form.tsx'
import { ExternalLink } from '../../ui/Link.tsx'
import { TextField } from '../../ui/TextField.tsx'
import { toast } from '../../ui/toast.ts'

type Key = Output<Client['keys']['list']>['items'][number]

export function KeysPage(): ReactNode {
  const { data } = useSuspenseQuery(api.keys.list.queryOptions())
  const [isCreating, setCreating] = useState(false)
  const create = (
    <Button variant="primary" icon="plus" onPress={() => setCreating(true)}>
      {t('settings.keys.create')}
    </Button>
  )
  return (
    <>
      {data.items.length === 0 ? (
        <EmptyState icon="key" title={t('settings.keys.none')} action={create}>
          {t('settings.keys.text')}
        </EmptyState>
      ) : (
        <Card title={t('settings.keys.title')} description={t('settings.keys.text')} actions={create} isFlush>
          <ul className="divide-y divide-line">
            {data.items.map((key) => (
              <KeyRow key={key.id} apiKey={key} />
            ))}
          </ul>
        </Card>
      )}
      <p className="text-sm text-muted">
        <ExternalLink href="/api/docs">{t('settings.apiDocs')}</ExternalLink>
      </p>
      {isCreating && <CreateDialog onClose={() => setCreating(false)} />}
    </>
  )
}

function KeyRow({
  apiKey: { id, name, prefix, createdAt, lastUsedAt, revokedAt },
}: {
  apiKey: Key
}): ReactNode {
  const format = useFormat()
  const queries = useQueryClient()
  const [isAsking, setAsking] = useState(false)
  const revoke = useMutation(
    api.keys.revoke.mutationOptions({
      onSuccess: async () => {
        setAsking(false)
        await queries.invalidateQueries({ queryKey: api.keys.key() })
        toast.done(t('settings.keys.revoked', { name }))
      },
    }),
  )
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 px-5 py-3.5">
      <div className="min-w-0 flex-1 basis-60">
        <p className="flex flex-wrap items-center gap-2 font-medium">
          <span className="wrap-anywhere">{name}</span>
          <code className="rounded-md bg-sunken px-1.5 py-0.5 text-xs font-normal text-muted">{prefix}…</code>
          {revokedAt !== null && <Badge>{t('settings.keys.isRevoked')}</Badge>}
        </p>
        <p className="text-sm text-muted">
          {t('settings.keys.created', { day: format.date(createdAt) })}
          {' · '}
          {lastUsedAt === null
            ? t('settings.keys.neverUsed')
            : t('settings.keys.lastUsed', { when: format.relative(lastUsedAt) })}
        </p>
      </div>
      {revokedAt === null && (
        <Button
          size="small"
          onPress={() => setAsking(true)}
          aria-label={t('settings.keys.revokeOf', { name })}
        >
          {t('settings.keys.revoke')}
        </Button>
      )}
      <ConfirmDialog
        title={t('settings.keys.revoke.title', { name })}
        action={t('settings.keys.revoke')}
        isOpen={isAsking}
        onClose={() => setAsking(false)}
        onConfirm={() => revoke.mutate({ id })}
        isPending={revoke.isPending}
        error={revoke.error}
      >
        <p>{t('settings.keys.revoke.text')}</p>
      </ConfirmDialog>
    </li>
  )
}

function CreateDialog({ onClose }: { onClose: () => void }): ReactNode {
  const queries = useQueryClient()
  const create = useMutation({
    mutationFn: (values: Record<string, string>) => client.keys.create({ name: values['name'] ?? '' }),
    onSuccess: () => queries.invalidateQueries({ queryKey: api.keys.key() }),
  })
  if (create.data)
    return (
      <Dialog
        isOpen
        width="medium"
        title={t('settings.keys.made', { name: create.data.name })}
        onClose={onClose}
        footer={
          <Button variant="primary" onPress={onClose}>
            {t('settings.done')}
          </Button>
        }
      >
        <Banner tone="warning">{t('settings.keys.once')}</Banner>
        <CopyField label={t('settings.keys.key')} value={create.data.apiKey} />
      </Dialog>
    )
  return (
    <Dialog
      isOpen
      title={t('settings.keys.create')}
      onClose={onClose}
      footer={
        <>
          <Button onPress={onClose}>{t('ui.cancel')}</Button>
          <Button type="submit" form="new-key" variant="primary" isPending={create.isPending}>
            {t('settings.keys.create')}
          </Button>
        </>
      }
    >
      <Form id="new-key" onSend={create.mutate} error={create.error} fields={['name']}>
        <TextField
          label={t('settings.keys.name')}
          name="name"
          isRequired
          maxLength={100}
          autoFocus
          description={t('settings.keys.name.hint')}
        />
      </Form>
    </Dialog>
  )
}
