/** The first run: makes the owner and the workspace, with the one-time token of the printed link. */
import { useMutation, useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { api, client } from '../../api.ts'
import { forgetAnswers } from '../../auth.ts'
import { language, t } from '../../i18n.tsx'
import { asProblem } from '../../problems.ts'
import { Button } from '../../ui/Button.tsx'
import { ErrorState } from '../../ui/ErrorState.tsx'
import { Form } from '../../ui/Form.tsx'
import { ButtonLink } from '../../ui/Link.tsx'
import { NewPasswordField } from '../../ui/NewPasswordField.tsx'
import { PageSkeleton } from '../../ui/Skeleton.tsx'
import { TextField } from '../../ui/TextField.tsx'
import { browserTimeZone, TimeZoneField } from '../../ui/TimeZoneField.tsx'
import { Command, StartPage } from './StartPage.tsx'

const route = getRouteApi('/start/setup')

export function SetUpPage(): ReactNode {
  const { token } = route.useSearch()
  const setup = useQuery(api.setup.show.queryOptions())
  if (setup.isPending) return <PageSkeleton />
  if (setup.isError) return <ErrorState isPage error={setup.error} onRetry={() => void setup.refetch()} />
  if (setup.data.initialised) return <AlreadySetUp />
  return token === undefined ? <NeedsLink title={t('start.setup.noToken')} /> : <SetUpForm token={token} />
}

/** What was typed outlives a change of the language, which renders everything anew. */
const typed: Record<string, string> = {}

function SetUpForm({ token }: { token: string }): ReactNode {
  const navigate = route.useNavigate()
  const run = useMutation({
    mutationFn: (values: Record<string, string>) =>
      client.setup.run({
        token,
        name: values['name'] ?? '',
        email: values['email'] ?? '',
        password: values['password'] ?? '',
        workspace: values['workspace'] ?? '',
        timeZone: values['timeZone'] ?? browserTimeZone(),
        locale: language(),
      }),
    onSuccess: async () => {
      forgetAnswers()
      await navigate({ to: '/connections/new', search: { first: 1 } })
    },
  })
  const code = run.isError ? asProblem(run.error).code : ''
  if (code === 'setup_token_invalid') return <NeedsLink title={t('start.setup.wrongToken')} />
  if (code === 'already_initialised') return <AlreadySetUp />
  return (
    <StartPage title={t('start.setup.title')} text={<p>{t('start.setup.text')}</p>}>
      <div
        onInput={({ target }) => {
          if (target instanceof HTMLInputElement && target.name) typed[target.name] = target.value
        }}
      >
        <Form
          onSend={run.mutate}
          error={run.error}
          fields={['name', 'email', 'password', 'workspace', 'timeZone']}
        >
          <TextField
            label={t('start.name')}
            name="name"
            isRequired
            maxLength={100}
            autoComplete="name"
            defaultValue={typed['name'] ?? ''}
          />
          <TextField
            label={t('start.email')}
            name="email"
            type="email"
            isRequired
            autoComplete="username"
            defaultValue={typed['email'] ?? ''}
            description={t('start.setup.email.hint')}
          />
          <NewPasswordField
            label={t('start.password')}
            name="password"
            defaultValue={typed['password'] ?? ''}
          />
          <TextField
            label={t('start.setup.workspace')}
            name="workspace"
            isRequired
            maxLength={100}
            autoComplete="organization"
            defaultValue={typed['workspace'] ?? ''}
            description={t('start.setup.workspace.hint')}
          />
          <TimeZoneField
            label={t('start.setup.timeZone')}
            name="timeZone"
            defaultValue={browserTimeZone()}
            description={t('start.setup.timeZone.hint')}
          />
          <Button type="submit" variant="primary" isPending={run.isPending}>
            {t('start.setup.send')}
          </Button>
        </Form>
      </div>
    </StartPage>
  )
}

function AlreadySetUp(): ReactNode {
  return (
    <StartPage icon="check" title={t('start.setup.done')} text={<p>{t('start.setup.done.text')}</p>}>
      <ButtonLink to="/sign-in" variant="primary">
        {t('start.signIn.title')}
      </ButtonLink>
    </StartPage>
  )
}

function NeedsLink({ title }: { title: string }): ReactNode {
  return (
    <StartPage
      icon="key"
      tone="bad"
      title={title}
      text={
        <>
          <p>{t('start.setup.link.text')}</p>
          <p>{t('start.setup.link.where')}</p>
        </>
      }
    >
      <div className="flex flex-col gap-2">
        <p className="text-sm text-muted">{t('start.setup.link.terminal')}</p>
        <Command>npm run -s litfass -- init</Command>
      </div>
    </StartPage>
  )
}
