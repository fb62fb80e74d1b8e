/** Setting a new password with a link from a mail, an admin or the command line. */
import { useMutation } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { resetPassword } from '../../auth.ts'
import { t } from '../../i18n.tsx'
import { asProblem } from '../../problems.ts'
import { Button } from '../../ui/Button.tsx'
import { Form } from '../../ui/Form.tsx'
import { ButtonLink } from '../../ui/Link.tsx'
import { NewPasswordField } from '../../ui/NewPasswordField.tsx'
import { StartPage } from './StartPage.tsx'

const route = getRouteApi('/start/reset-password')

export function ResetPasswordPage(): ReactNode {
  const { token, error } = route.useSearch()
  const reset = useMutation({
    mutationFn: (values: Record<string, string>) => resetPassword(token ?? '', values['password'] ?? ''),
  })
  const code = reset.isError ? asProblem(reset.error).code : ''
  if (token === undefined || error !== undefined || code === 'link_invalid' || code === 'invalid_token')
    return (
      <StartPage
        icon="clock"
        tone="bad"
        title={t('start.reset.expired')}
        text={<p>{t('start.reset.expired.text')}</p>}
      >
        <ButtonLink to="/forgot-password" variant="primary">
          {t('start.reset.newLink')}
        </ButtonLink>
      </StartPage>
    )
  if (reset.isSuccess)
    return (
      <StartPage icon="check" title={t('start.reset.done')} text={<p>{t('start.reset.done.text')}</p>}>
        <ButtonLink to="/sign-in" variant="primary">
          {t('start.signIn.title')}
        </ButtonLink>
      </StartPage>
    )
  return (
    <StartPage title={t('start.reset.title')} text={<p>{t('start.reset.text')}</p>}>
      <Form onSend={reset.mutate} error={reset.error} fields={['password']}>
        <NewPasswordField label={t('start.reset.password')} name="password" />
        <Button type="submit" variant="primary" isPending={reset.isPending}>
          {t('start.reset.send')}
        </Button>
      </Form>
    </StartPage>
  )
}
