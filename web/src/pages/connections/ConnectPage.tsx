/** Connecting an account: in the sandbox at once, or at a network with the operator's own app. */
import { useMutation, useSuspenseQueries } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { type ReactNode, useState } from 'react'
import { api, client, queryClient } from '../../api.ts'
import { t } from '../../i18n.tsx'
import { asProblem } from '../../problems.ts'
import { useMe } from '../../session.ts'
import { NeedsRole } from '../../shell/NeedsRole.tsx'
import { Button } from '../../ui/Button.tsx'
import { Card } from '../../ui/Card.tsx'
import { ButtonLink, Link } from '../../ui/Link.tsx'
import { NetworkLogo } from '../../ui/NetworkBadge.tsx'
import { PageHeader } from '../../ui/PageHeader.tsx'
import { ProblemBanner } from '../../ui/ProblemBanner.tsx'
import { toast } from '../../ui/toast.ts'
import { useConsent } from './consent.ts'
import { asksBefore, HostDialog } from './HostDialog.tsx'
import { SignInDialog } from './SignInDialog.tsx'
import type { Login, Network, NetworkApp } from './types.ts'

type Way = { network: Network; login: Login; app: NetworkApp | undefined }

export function ConnectPage(): ReactNode {
  const { first } = useSearch({ from: '/shell/connections/new' })
  return (
    <>
      <PageHeader
        title={t(first ? 'connections.first.title' : 'connections.new.title')}
        description={t(first ? 'connections.first.text' : 'connections.new.text')}
        {...(first
          ? {}
          : {
              back: (
                <Link to="/connections" search={{}}>
                  {t('connections.back')}
                </Link>
              ),
            })}
      />
      <NeedsRole role="admin">
        <Ways />
      </NeedsRole>
    </>
  )
}

/** Every network and login, in the sandbox and for real. */
function Ways(): ReactNode {
  const { installation } = useMe()
  const consent = useConsent()
  const [form, setForm] = useState<{ network: string; login: Login; isSandbox: boolean } | null>(null)
  const [hostLogin, setHostLogin] = useState<{ network: string; login: Login } | null>(null)
  const connect = (network: string, login: Login, isSandbox: boolean) => {
    if (login.kind === 'form') setForm({ network, login, isSandbox })
    else if (asksBefore(login, isSandbox)) setHostLogin({ network, login })
    else consent.mutate({ login: login.id, sandbox: isSandbox })
  }
  const [{ data: networks }, { data: apps }] = useSuspenseQueries({
    queries: [api.networks.list.queryOptions({ staleTime: Infinity }), api.networkApps.list.queryOptions()],
  })
  const ways: Way[] = networks.items.flatMap((network) =>
    inOrder(network.logins).map((login) => ({
      network,
      login,
      app: apps.items.find((app) => app.login === login.id),
    })),
  )
  return (
    <>
      <div className="flex flex-col gap-5">
        {consent.error && <ProblemBanner problem={asProblem(consent.error)} />}
        {installation.sandbox && (
          <Card
            title={t('connections.sandbox.title')}
            description={t('connections.sandbox.text')}
            actions={<AllSandboxes networks={networks.items} />}
            isFlush
          >
            <ul className="divide-y divide-line">
              {ways.map(({ network, login }) => (
                <WayRow key={login.id} network={network} login={login}>
                  <Button
                    size="small"
                    isPending={
                      consent.isPending && consent.variables.sandbox && consent.variables.login === login.id
                    }
                    onPress={() => connect(network.id, login, true)}
                    aria-label={t('connections.sandbox.connect', { name: login.name })}
                  >
                    {t('connections.connect')}
                  </Button>
                </WayRow>
              ))}
            </ul>
          </Card>
        )}
        <Card title={t('connections.real.title')} description={t('connections.real.text')} isFlush>
          <ul className="divide-y divide-line">
            {ways.map(({ network, login, app }) => (
              <WayRow
                key={login.id}
                network={network}
                login={login}
                detail={isReady(login, app) ? undefined : t('connections.real.noApp')}
              >
                {isReady(login, app) ? (
                  <Button
                    size="small"
                    variant="primary"
                    isPending={
                      consent.isPending && !consent.variables.sandbox && consent.variables.login === login.id
                    }
                    onPress={() => connect(network.id, login, false)}
                    aria-label={t('connections.real.connect', { name: login.name })}
                  >
                    {t('connections.connect')}
                  </Button>
                ) : (
                  <ButtonLink
                    size="small"
                    to="/settings/networks"
                    aria-label={t('connections.real.setUpName', { name: login.name })}
                  >
                    {t('connections.real.setUp')}
                  </ButtonLink>
                )}
              </WayRow>
            ))}
          </ul>
        </Card>
      </div>
      {form && <SignInDialog {...form} onClose={() => setForm(null)} />}
      {hostLogin && <HostDialog {...hostLogin} onClose={() => setHostLogin(null)} />}
    </>
  )
}

/** The network's own page comes first: nothing secret is typed here then. */
function inOrder(logins: readonly Login[]): Login[] {
  return logins.toSorted((a, b) => Number(a.kind === 'form') - Number(b.kind === 'form'))
}

/** A form needs no app at the network, and some networks take Litfass itself, or the app it makes at a server. */
function isReady(login: Login, app: NetworkApp | undefined): boolean {
  return login.kind === 'form' || login.needsHost || login.isOwnClient || Boolean(app?.source)
}

type WayRowProps = { network: Network; login: Login; detail?: string | undefined; children: ReactNode }

function WayRow({ network, login, detail, children }: WayRowProps): ReactNode {
  return (
    <li className="flex items-center gap-3.5 px-5 py-3">
      <NetworkLogo network={network.id} size={32} />
      <span className="min-w-0 flex-1">
        <span className="block font-medium">{login.name}</span>
        {detail && <span className="block text-sm text-muted">{detail}</span>}
        {!login.canMeasure && <span className="block text-sm text-muted">{t('connections.noFigures')}</span>}
      </span>
      {children}
    </li>
  )
}

/** One sandbox account of every network, without a consent page: the quickest way to see the product work. */
function AllSandboxes({ networks }: { networks: readonly Network[] }): ReactNode {
  const navigate = useNavigate()
  const connect = useMutation({
    mutationFn: async () => {
      const logins = networks.flatMap((network) => network.logins[0]?.id ?? [])
      for (const login of logins) await client.connections.add({ login, sandbox: true })
      return logins.length
    },
    onSuccess: async (count) => {
      await queryClient.invalidateQueries({ queryKey: api.channels.key() })
      await queryClient.invalidateQueries({ queryKey: api.connections.key() })
      toast.done(t('connections.sandbox.done', { count }))
      await navigate({ to: '/compose/{-$postId}', params: { postId: undefined } })
    },
    onError: toast.failed,
  })
  return (
    <Button variant="primary" isPending={connect.isPending} onPress={() => connect.mutate()}>
      {t('connections.sandbox.all')}
    </Button>
  )
}
