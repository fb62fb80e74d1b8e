/** The token of an app itself, where a network tells what it counted to the app alone: whether it is known, and entering it. */
import { useMutation } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { api, client, queryClient } from '../../api.ts'
import { useFormat } from '../../format.ts'
import { t } from '../../i18n.tsx'
import { asProblem } from '../../problems.ts'
import { Badge } from '../../ui/Badge.tsx'
import { Button } from '../../ui/Button.tsx'
import { Dialog } from '../../ui/Dialog.tsx'
import { Form } from '../../ui/Form.tsx'
import { ProblemBanner } from '../../ui/ProblemBanner.tsx'
import { PasswordField } from '../../ui/TextField.tsx'
import { toast } from '../../ui/toast.ts'
import type { NetworkApp } from './types.ts'

type Token = NonNullable<NetworkApp['token']>

/** Below an app that has one. It is no part of signing people in, so it has a way of its own. */
export function AppToken({ app, onEnter }: { app: NetworkApp; onEnter: () => void }): ReactNode {
  const { date } = useFormat()
  const { token } = app
  if (token === null) return null
  const { label, source, updatedAt } = token
  return (
    <div className="flex basis-full flex-wrap items-center gap-x-3 gap-y-2 rounded-lg bg-sunken px-4 py-2.5 text-sm sm:ml-12">
      <div className="min-w-48 flex-1">
        <p className="flex flex-wrap items-center gap-2">
          <span className="font-medium">{label}</span>
          {source === null ? (
            <Badge>{t('apps.token.none')}</Badge>
          ) : (
            <Badge tone="success">{t(`apps.source.${source}`)}</Badge>
          )}
          {updatedAt !== null && <span className="text-muted">{date(updatedAt)}</span>}
        </p>
        <p className="mt-0.5 text-muted">{t('apps.token.text', { name: app.name })}</p>
      </div>
      <Button
        size="small"
        onPress={onEnter}
        aria-label={t(source === 'stored' ? 'apps.token.replaceFor' : 'apps.token.enterFor', {
          token: label,
          name: app.name,
        })}
      >
        {t(source === 'stored' ? 'apps.replace' : 'apps.enter')}
      </Button>
    </div>
  )
}

export function AppTokenDialog({
  app,
  token,
  onClose,
}: {
  app: NetworkApp
  token: Token
  onClose: () => void
}): ReactNode {
  const after = (text: string) => async () => {
    await queryClient.invalidateQueries({ queryKey: api.networkApps.key() })
    toast.done(t(text))
    onClose()
  }
  const save = useMutation({
    mutationFn: (values: Record<string, string>) =>
      client.networkApps.saveToken({ login: app.login, token: values['token'] ?? '' }),
    onSuccess: after('apps.token.saved'),
  })
  const forget = useMutation({
    mutationFn: () => client.networkApps.removeToken({ login: app.login }),
    onSuccess: after('apps.token.forgotten'),
  })
  return (
    <Dialog
      title={t('apps.token.title', { token: token.label, name: app.name })}
      isOpen
      onClose={onClose}
      width="medium"
      footer={
        <>
          {token.source === 'stored' && (
            <Button variant="quiet" isPending={forget.isPending} onPress={() => forget.mutate()}>
              {t('apps.forget')}
            </Button>
          )}
          <Button onPress={onClose}>{t('ui.cancel')}</Button>
          <Button type="submit" form="token-form" variant="primary" isPending={save.isPending}>
            {t('apps.save')}
          </Button>
        </>
      }
    >
      {forget.error && <ProblemBanner problem={asProblem(forget.error)} />}
      <p className="max-w-prose text-sm text-muted">{t('apps.token.hint', { name: app.name })}</p>
      <Form id="token-form" fields={['token']} error={save.error} onSend={(values) => save.mutate(values)}>
        <PasswordField
          name="token"
          label={token.label}
          isRequired
          autoComplete="off"
          description={t('apps.token.or', { setting: token.setting })}
        />
      </Form>
    </Dialog>
  )
}
