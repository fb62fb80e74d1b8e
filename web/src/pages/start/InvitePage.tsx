/** Accepting an invitation: with a new account, or with the one that has this address already. */
import { useMutation, useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { api, client, type Client, type Output } from '../../api.ts'
import { forgetAnswers } from '../../auth.ts'
import { language, T, t } from '../../i18n.tsx'
import { asProblem } from '../../problems.ts'
import { remember } from '../../remember.ts'
import { Button } from '../../ui/Button.tsx'
import { ErrorState } from '../../ui/ErrorState.tsx'
import { Form } from '../../ui/Form.tsx'
import { ButtonLink } from '../../ui/Link.tsx'
import { NewPasswordField } from '../../ui/NewPasswordField.tsx'
import { PageSkeleton } from '../../ui/Skeleton.tsx'
import { PasswordField, TextField } from '../../ui/TextField.tsx'
import { StartPage } from './StartPage.tsx'

const route = getRouteApi('/start/invite')

/** What the server answers for a link that was used, revoked, has expired or never was. */
const ended = new Set(['not_found', 'link_invalid', 'invalid_input'])

export function InvitePage(): ReactNode {
  const { token = '' } = route.useSearch()
  const shown = useQuery(
    api.invitations.show.queryOptions({ input: { token }, enabled: token !== '', staleTime: Infinity }),
  )
  if (token === '' || (shown.isError && ended.has(asProblem(shown.error).code))) return <Ended />
  if (shown.isPending) return <PageSkeleton />
  if (shown.isError) return <ErrorState isPage error={shown.error} onRetry={() => void shown.refetch()} />
  return <Accept token={token} invitation={shown.data} />
}

type Invitation = Output<Client['invitations']['show']>

function Accept({ token, invitation }: { token: string; invitation: Invitation }): ReactNode {
  const { workspace, email, role, hasAccount } = invitation
  const navigate = route.useNavigate()
  const accept = useMutation({
    mutationFn: (values: Record<string, string>) =>
      client.invitations.accept({
        token,
        password: values['password'] ?? '',
        locale: language(),
        ...(hasAccount ? {} : { name: values['name'] ?? '' }),
      }),
    onSuccess: async ({ workspaceId }) => {
      forgetAnswers()
      remember('workspace', workspaceId)
      await navigate({ to: '/' })
    },
  })
  if (accept.isError && asProblem(accept.error).code === 'link_invalid') return <Ended />
  return (
    <StartPage
      title={t('start.invite.title', { workspace })}
      text={
        <p>
          <T
            id={hasAccount ? 'start.invite.known' : 'start.invite.new'}
            params={{ email, role: t(`role.${role}`) }}
            tags={{
              strong: (text) => <strong className="font-medium text-ink wrap-anywhere">{text}</strong>,
            }}
          />
        </p>
      }
    >
      <Form onSend={accept.mutate} error={accept.error} fields={['name', 'password']}>
        {/* Lets a password manager know whose password this is. */}
        <input type="hidden" name="username" value={email} autoComplete="username" />
        {hasAccount ? (
          <PasswordField
            label={t('start.password')}
            name="password"
            isRequired
            autoComplete="current-password"
          />
        ) : (
          <>
            <TextField label={t('start.name')} name="name" isRequired maxLength={100} autoComplete="name" />
            <NewPasswordField label={t('start.password')} name="password" />
          </>
        )}
        <Button type="submit" variant="primary" isPending={accept.isPending}>
          {t('start.invite.send')}
        </Button>
      </Form>
    </StartPage>
  )
}

function Ended(): ReactNode {
  return (
    <StartPage
      icon="clock"
      tone="bad"
      title={t('start.invite.ended')}
      text={<p>{t('start.invite.ended.text')}</p>}
    >
      <ButtonLink to="/sign-in">{t('start.signIn.title')}</ButtonLink>
    </StartPage>
  )
}
