/** A way back in for who forgot the password: by mail, or without mail through the command line or an admin. */
import { useMutation, useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { api } from '../../api.ts'
import { requestPasswordReset } from '../../auth.ts'
import { t } from '../../i18n.tsx'
import { Button } from '../../ui/Button.tsx'
import { ErrorState } from '../../ui/ErrorState.tsx'
import { Form } from '../../ui/Form.tsx'
import { Link } from '../../ui/Link.tsx'
import { PageSkeleton } from '../../ui/Skeleton.tsx'
import { TextField } from '../../ui/TextField.tsx'
import { Command, StartPage } from './StartPage.tsx'

export function ForgotPasswordPage(): ReactNode {
  const setup = useQuery(api.setup.show.queryOptions())
  if (setup.isPending) return <PageSkeleton />
  if (setup.isError) return <ErrorState isPage error={setup.error} onRetry={() => void setup.refetch()} />
  return setup.data.mail ? <ByMail /> : <WithoutMail />
}

function ByMail(): ReactNode {
  const send = useMutation({
    mutationFn: (values: Record<string, string>) => requestPasswordReset(values['email'] ?? ''),
  })
  if (send.isSuccess)
    return (
      <StartPage icon="send" title={t('start.forgot.sent')} text={<p>{t('start.forgot.sent.text')}</p>}>
        <BackToSignIn />
      </StartPage>
    )
  return (
    <StartPage title={t('start.forgot.title')} text={<p>{t('start.forgot.text')}</p>}>
      <Form onSend={send.mutate} error={send.error} fields={['email']}>
        <TextField label={t('start.email')} name="email" type="email" isRequired autoComplete="username" />
        <Button type="submit" variant="primary" isPending={send.isPending}>
          {t('start.forgot.send')}
        </Button>
      </Form>
      <BackToSignIn />
    </StartPage>
  )
}

function WithoutMail(): ReactNode {
  return (
    <StartPage title={t('start.forgot.title')} text={<p>{t('start.forgot.noMail')}</p>}>
      <ul className="flex list-disc flex-col gap-4 pl-5">
        <li>{t('start.forgot.askAdmin')}</li>
        <li>
          <p className="mb-2">{t('start.forgot.terminal')}</p>
          <Command>npm run -s litfass -- member reset-password E-MAIL</Command>
        </li>
      </ul>
      <BackToSignIn />
    </StartPage>
  )
}

function BackToSignIn(): ReactNode {
  return (
    <p className="text-sm">
      <Link to="/sign-in">{t('start.backToSignIn')}</Link>
    </p>
  )
}
