/** One connection: its channels, its ends, and what can be done about it. */
import { useMutation, useSuspenseQuery } from '@tanstack/react-query'
import { lazy, type ReactNode, Suspense, useState } from 'react'
import { api, client } from '../../api.ts'
import { useFormat } from '../../format.ts'
import { hasText, t } from '../../i18n.tsx'
import { asProblem } from '../../problems.ts'
import { useMay } from '../../session.ts'
import { Badge } from '../../ui/Badge.tsx'
import { Banner } from '../../ui/Banner.tsx'
import { Button } from '../../ui/Button.tsx'
import { Icon } from '../../ui/icons.tsx'
import { ButtonLink, ExternalLink } from '../../ui/Link.tsx'
import { NetworkBadge } from '../../ui/NetworkBadge.tsx'
import { ProblemBanner } from '../../ui/ProblemBanner.tsx'
import { useConsent } from './consent.ts'
import { DisconnectDialog } from './DisconnectDialog.tsx'
import { asksBefore, HostDialog } from './HostDialog.tsx'
import { SignInDialog } from './SignInDialog.tsx'
import type { Connection } from './types.ts'

// Few networks charge by it.
const AppOwner = lazy(async () => ({ default: (await import('./AppOwner.tsx')).AppOwner }))

export function ConnectionCard({ connection }: { connection: Connection }): ReactNode {
  const { data: networks } = useSuspenseQuery(api.networks.list.queryOptions({ staleTime: Infinity }))
  const mayChange = useMay('admin')
  // Asking the network may cost.
  const mayCheck = useMay('editor')
  const [isLeaving, setLeaving] = useState(false)
  const [isSigningIn, setSigningIn] = useState(false)
  const consent = useConsent()
  const check = useMutation({ mutationFn: () => client.connections.check({ id: connection.id }) })
  const network = networks.items.find(({ id }) => id === connection.network)
  const login = network?.logins.find(({ id }) => id === connection.login)
  const asksFirst = login !== undefined && asksBefore(login, connection.sandbox)
  const active = connection.channels.filter(({ state }) => state === 'active')
  const offered = connection.channels.filter(({ state }) => state === 'offered')
  const isDisconnected = connection.state === 'disconnected'
  return (
    <section aria-label={connection.name} className="rounded-xl border border-line bg-surface shadow-low">
      <header className="flex flex-wrap items-center gap-x-4 gap-y-3 px-5 pt-4 pb-3">
        <div className="min-w-full flex-1 sm:min-w-44">
          <NetworkBadge
            network={connection.network}
            name={connection.name}
            detail={login?.name ?? connection.network}
            isSandbox={connection.sandbox}
          />
        </div>
        <StateBadge state={connection.state} />
        <div className="flex flex-wrap gap-2">
          {mayChange && (
            <Button
              size="small"
              variant={connection.state === 'active' ? 'secondary' : 'primary'}
              icon="refresh"
              isPending={consent.isPending}
              onPress={() =>
                login?.kind === 'form' || asksFirst
                  ? setSigningIn(true)
                  : consent.mutate({ login: connection.login, sandbox: connection.sandbox })
              }
            >
              {t('connections.reconnect')}
            </Button>
          )}
          {mayCheck && !isDisconnected && (
            <Button size="small" isPending={check.isPending} onPress={() => check.mutate()}>
              {t('connections.check')}
            </Button>
          )}
          {mayChange && !isDisconnected && (
            <Button size="small" variant="quiet" onPress={() => setLeaving(true)}>
              {t('connections.disconnect')}
            </Button>
          )}
        </div>
      </header>
      <div className="flex flex-col gap-3 px-5 pb-4">
        {consent.error && <ProblemBanner problem={asProblem(consent.error)} />}
        {check.error && <ProblemBanner problem={asProblem(check.error)} />}
        {connection.stateReason !== null && connection.state === 'needs-reauthorisation' && (
          <p className="text-sm text-warning">{connection.stateReason}</p>
        )}
        <Outage connection={connection} network={network?.name ?? connection.network} />
        {!isDisconnected && (
          <>
            <ul className="flex flex-wrap gap-2" aria-label={t('connections.channels')}>
              {active.map((channel) => (
                <li
                  key={channel.id}
                  className="flex max-w-full flex-wrap items-center gap-x-2 rounded-lg bg-sunken px-3 py-1.5 text-sm"
                >
                  <span className="font-medium">{channel.name}</span>
                  {channel.handle && <span className="text-muted wrap-anywhere">@{channel.handle}</span>}
                  {channel.url !== null && (
                    <ExternalLink href={channel.url}>{t('connections.openChannel')}</ExternalLink>
                  )}
                </li>
              ))}
              {active.length === 0 && <li className="text-sm text-muted">{t('connections.noChannels')}</li>}
            </ul>
            {(offered.length > 0 || connection.channels.length > 1) && mayChange && (
              <div>
                <ButtonLink
                  size="small"
                  to="/connections/$connectionId/channels"
                  params={{ connectionId: connection.id }}
                >
                  {t('connections.choose', { count: offered.length })}
                </ButtonLink>
              </div>
            )}
            <Ends connection={connection} />
            <Suspense>
              <AppOwner connectionId={connection.id} network={network?.name ?? connection.network} />
            </Suspense>
          </>
        )}
        {check.data && <Checks result={check.data} connection={connection} />}
      </div>
      <DisconnectDialog connection={connection} isOpen={isLeaving} onClose={() => setLeaving(false)} />
      {login && isSigningIn && asksFirst && (
        <HostDialog
          network={connection.network}
          login={login}
          {...(login.asksAccount ? { account: connection.name } : {})}
          onClose={() => setSigningIn(false)}
        />
      )}
      {login && isSigningIn && !asksFirst && (
        <SignInDialog
          network={connection.network}
          login={login}
          isSandbox={connection.sandbox}
          onClose={() => setSigningIn(false)}
        />
      )}
    </section>
  )
}

function StateBadge({ state }: { state: Connection['state'] }): ReactNode {
  const tone = state === 'active' ? 'success' : state === 'disconnected' ? 'neutral' : 'warning'
  const icon = state === 'active' ? 'check' : state === 'disconnected' ? 'close' : 'alert'
  return (
    <Badge tone={tone} icon={icon}>
      {t(`connections.state.${state}`)}
    </Badge>
  )
}

/** The network is out of order: nothing is wrong with the account, and nothing is to be done. */
function Outage({ connection, network }: { connection: Connection; network: string }): ReactNode {
  const { dateTime } = useFormat()
  const { outages } = connection
  const since = outages.map((outage) => outage.since).toSorted()[0]
  if (since === undefined) return null
  const abilities = ['publish', 'read', 'connect'].filter((ability) =>
    outages.some((outage) => outage.ability === ability),
  )
  return (
    <Banner tone="warning" title={t('connections.outage.title', { network, since: dateTime(since) })}>
      {abilities.map((ability) => t(`connections.outage.${ability}`)).join(' ')}
    </Banner>
  )
}

const soonDays = 14

/** When a person must act, and when the API version in use ends. */
function Ends({ connection }: { connection: Connection }): ReactNode {
  const { date } = useFormat()
  const rows: Array<[string, string]> = [
    ...(connection.endsAt === null ? [] : [['connections.end.grant', connection.endsAt] as [string, string]]),
    ...(connection.versionEndsOn === null
      ? []
      : [['connections.end.version', connection.versionEndsOn] as [string, string]]),
  ]
  if (rows.length === 0) return <p className="text-sm text-muted">{t('connections.end.none')}</p>
  return (
    <ul className="flex flex-col gap-1 text-sm text-muted">
      {rows.map(([id, at]) => {
        const isSoon = Date.parse(at) - Date.now() < soonDays * 86_400_000
        return (
          <li
            key={id}
            className={isSoon ? 'flex items-center gap-1.5 text-warning' : 'flex items-center gap-1.5'}
          >
            <Icon name={isSoon ? 'alert' : 'clock'} size={16} />
            {t(id, { at: date(at) })}
          </li>
        )
      })}
    </ul>
  )
}

type CheckResult = Awaited<ReturnType<typeof client.connections.check>>

function Checks({ result, connection }: { result: CheckResult; connection: Connection }): ReactNode {
  return (
    <div role="status" className="flex flex-col gap-3 rounded-lg bg-sunken p-4 text-sm">
      {result.items.map(({ channelId, checks }) => (
        <div key={channelId}>
          <p className="mb-1 font-medium">
            {connection.channels.find(({ id }) => id === channelId)?.name ?? channelId}
          </p>
          <ul className="flex flex-col gap-1">
            {checks.map((one) => (
              <li key={one.name} className="flex items-start gap-2">
                <span className={one.ok ? 'mt-0.5 text-success' : 'mt-0.5 text-danger'}>
                  <Icon name={one.ok ? 'success' : 'error'} size={16} />
                </span>
                <span>
                  <span className="sr-only">
                    {t(one.ok ? 'connections.check.ok' : 'connections.check.failed')}:{' '}
                  </span>
                  {hasText(`check.${one.name}.${one.ok ? 'ok' : 'failed'}`) && one.ok
                    ? t(`check.${one.name}.ok`)
                    : one.message}
                  {one.remedy && <span className="block text-muted">{one.remedy}</span>}
                </span>
              </li>
            ))}
          </ul>
        </div>
      ))}
    </div>
  )
}
