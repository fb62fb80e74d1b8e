/** The operator's own apps at the networks: id and secret, and how to get them, field by field. */
import { useMutation, useSuspenseQueries } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { api, client, queryClient } from '../../api.ts'
import { useFormat } from '../../format.ts'
import { t } from '../../i18n.tsx'
import { NeedsRole } from '../../shell/NeedsRole.tsx'
import { useTitle } from '../../title.ts'
import { Badge } from '../../ui/Badge.tsx'
import { Button } from '../../ui/Button.tsx'
import { Card } from '../../ui/Card.tsx'
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx'
import { CopyField } from '../../ui/CopyField.tsx'
import { Dialog } from '../../ui/Dialog.tsx'
import { Form } from '../../ui/Form.tsx'
import { NetworkLogo } from '../../ui/NetworkBadge.tsx'
import { PasswordField, TextField } from '../../ui/TextField.tsx'
import { toast } from '../../ui/toast.ts'
import { AppToken, AppTokenDialog } from './AppToken.tsx'
import { Guide } from './Guide.tsx'
import type { NetworkApp } from './types.ts'

type Open = { kind: 'edit' | 'guide' | 'forget' | 'token'; app: NetworkApp }

export function NetworkAppsPage(): ReactNode {
  useTitle(t('settings.tab.networks'))
  return (
    <NeedsRole role="admin">
      <Apps />
    </NeedsRole>
  )
}

function Apps(): ReactNode {
  const [{ data: apps }, { data: networks }] = useSuspenseQueries({
    queries: [api.networkApps.list.queryOptions(), api.networks.list.queryOptions({ staleTime: Infinity })],
  })
  const [open, setOpen] = useState<Open | null>(null)
  const close = () => setOpen(null)
  return (
    <div className="flex flex-col gap-4">
      <p className="max-w-prose text-muted">{t('apps.text')}</p>
      <Card isFlush>
        <ul className="divide-y divide-line">
          {apps.items.map((app) => (
            <li key={app.login} className="flex flex-wrap items-center gap-x-4 gap-y-2.5 px-5 py-3.5">
              <NetworkLogo network={app.network} size={32} />
              <div className="min-w-40 flex-1">
                <p className="font-medium">{app.name}</p>
                <AppState app={app} />
              </div>
              <div className="flex flex-wrap gap-2">
                <Button
                  size="small"
                  variant="quiet"
                  onPress={() => setOpen({ kind: 'guide', app })}
                  aria-label={t('apps.guideFor', { name: app.name })}
                >
                  {t('apps.guide')}
                </Button>
                <Button
                  size="small"
                  onPress={() => setOpen({ kind: 'edit', app })}
                  aria-label={t(app.source === 'stored' ? 'apps.replaceFor' : 'apps.enterFor', {
                    name: app.name,
                  })}
                >
                  {t(app.source === 'stored' ? 'apps.replace' : 'apps.enter')}
                </Button>
                {app.source === 'stored' && (
                  <Button
                    size="small"
                    variant="quiet"
                    onPress={() => setOpen({ kind: 'forget', app })}
                    aria-label={t('apps.forgetFor', { name: app.name })}
                  >
                    {t('apps.forget')}
                  </Button>
                )}
              </div>
              <AppToken app={app} onEnter={() => setOpen({ kind: 'token', app })} />
            </li>
          ))}
        </ul>
      </Card>
      {open?.kind === 'edit' && <AppDialog app={open.app} onClose={close} />}
      {open?.kind === 'guide' && (
        <GuideDialog
          app={open.app}
          name={networks.items.find(({ id }) => id === open.app.network)?.name ?? open.app.name}
          onClose={close}
        />
      )}
      {open?.kind === 'token' && open.app.token !== null && (
        <AppTokenDialog app={open.app} token={open.app.token} onClose={close} />
      )}
      {open?.kind === 'forget' && <ForgetDialog app={open.app} onClose={close} />}
    </div>
  )
}

function AppState({ app }: { app: NetworkApp }): ReactNode {
  const { date } = useFormat()
  if (app.source === null) return <Badge>{t('apps.none')}</Badge>
  return (
    <p className="flex flex-wrap items-center gap-2 text-sm text-muted">
      <Badge tone="success">{t(`apps.source.${app.source}`)}</Badge>
      <code className="wrap-anywhere">{app.clientId}</code>
      {app.updatedAt !== null && <span>{date(app.updatedAt)}</span>}
    </p>
  )
}

function AppDialog({ app, onClose }: { app: NetworkApp; onClose: () => void }): ReactNode {
  const save = useMutation({
    mutationFn: (values: Record<string, string>) =>
      client.networkApps.save({
        login: app.login,
        clientId: values['clientId'] ?? '',
        clientSecret: values['clientSecret'] ?? '',
      }),
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: api.networkApps.key() })
      toast.done(t('apps.saved'))
      onClose()
    },
  })
  return (
    <Dialog
      title={t('apps.title', { name: app.name })}
      isOpen
      onClose={onClose}
      width="medium"
      footer={
        <>
          <Button onPress={onClose}>{t('ui.cancel')}</Button>
          <Button type="submit" form="app-form" variant="primary" isPending={save.isPending}>
            {t('apps.save')}
          </Button>
        </>
      }
    >
      <CopyField label={t('apps.redirect')} value={app.redirectUri} description={t('apps.redirectHint')} />
      <Callbacks app={app} />
      <Form
        id="app-form"
        fields={['clientId', 'clientSecret']}
        error={save.error}
        onSend={(values) => save.mutate(values)}
      >
        <TextField
          name="clientId"
          label={t('apps.clientId')}
          isRequired
          autoComplete="off"
          defaultValue={app.source === 'stored' ? (app.clientId ?? '') : ''}
        />
        <PasswordField
          name="clientSecret"
          label={t('apps.clientSecret')}
          autoComplete="off"
          description={t('apps.secretHint')}
        />
      </Form>
    </Dialog>
  )
}

/** Where the network tells of people who leave. */
function Callbacks({ app }: { app: NetworkApp }): ReactNode {
  return app.callbacks.map(({ kind, url }) => (
    <CopyField key={kind} label={t(`apps.callback.${kind}`)} value={url} />
  ))
}

function GuideDialog({
  app,
  name,
  onClose,
}: {
  app: NetworkApp
  name: string
  onClose: () => void
}): ReactNode {
  return (
    <Dialog title={t('apps.guideTitle', { name })} isOpen onClose={onClose} width="wide">
      <CopyField label={t('apps.redirect')} value={app.redirectUri} />
      <Callbacks app={app} />
      <Guide network={app.network} />
    </Dialog>
  )
}

function ForgetDialog({ app, onClose }: { app: NetworkApp; onClose: () => void }): ReactNode {
  const forget = useMutation({
    mutationFn: () => client.networkApps.remove({ login: app.login }),
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: api.networkApps.key() })
      onClose()
    },
  })
  return (
    <ConfirmDialog
      title={t('apps.forgetTitle', { name: app.name })}
      action={t('apps.forget')}
      isOpen
      onClose={onClose}
      onConfirm={() => forget.mutate()}
      isPending={forget.isPending}
      error={forget.error}
    >
      {t('apps.forgetText')}
    </ConfirmDialog>
  )
}
