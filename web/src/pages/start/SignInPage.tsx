/** Signing in, and on to where one wanted to go. */
import { useMutation, useQuery } from '@tanstack/react-query'
import { getRouteApi, useRouter } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { api } from '../../api.ts'
import { signIn } from '../../auth.ts'
import { t } from '../../i18n.tsx'
import { Banner } from '../../ui/Banner.tsx'
import { Button } from '../../ui/Button.tsx'
import { Form } from '../../ui/Form.tsx'
import { Link } from '../../ui/Link.tsx'
import { PasswordField, TextField } from '../../ui/TextField.tsx'
import { hasUnsaved } from '../compose/unsaved.ts'
import { StartPage } from './StartPage.tsx'

const route = getRouteApi('/start/sign-in')

export function SignInPage(): ReactNode {
  const { returnTo } = route.useSearch()
  const router = useRouter()
  const setup = useQuery(api.setup.show.queryOptions())
  const enter = useMutation({
    mutationFn: (values: Record<string, string>) => signIn(values['email'] ?? '', values['password'] ?? ''),
    onSuccess: () => router.history.push(returnTo ?? '/'),
  })
  return (
    <StartPage
      title={t('start.signIn.title')}
      text={returnTo ? <p>{t(hasUnsaved() ? 'start.signIn.kept' : 'start.signIn.back')}</p> : undefined}
    >
      {setup.data?.initialised === false && (
        <Banner tone="info" title={t('start.signIn.noOwner')}>
          <Link to="/setup">{t('start.signIn.setUp')}</Link>
        </Banner>
      )}
      <Form onSend={enter.mutate} error={enter.error}>
        <TextField label={t('start.email')} name="email" type="email" isRequired autoComplete="username" />
        <PasswordField
          label={t('start.password')}
          name="password"
          isRequired
          autoComplete="current-password"
        />
        <Button type="submit" variant="primary" isPending={enter.isPending}>
          {t('start.signIn.send')}
        </Button>
      </Form>
      <p className="text-sm">
        <Link to="/forgot-password">{t('start.signIn.forgot')}</Link>
      </p>
    </StartPage>
  )
}
