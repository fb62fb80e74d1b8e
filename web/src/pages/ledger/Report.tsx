/** A report as it is read: the answers in words, then each app, what was deleted, and the rules that held. */
import type { ReactNode } from 'react'
import { useFormat } from '../../format.ts'
import { t } from '../../i18n.tsx'
import { shiftDay } from '../../period.ts'
import { Badge } from '../../ui/Badge.tsx'
import { Icon } from '../../ui/icons.tsx'
import { ExternalLink } from '../../ui/Link.tsx'
import { NetworkLogo } from '../../ui/NetworkBadge.tsx'
import type { Network } from '../connections/types.ts'
import { Uses } from './Uses.tsx'
import { type AppReport, dataText, dayText, type LedgerReport, listText } from './words.ts'

type Props = { report: LedgerReport; networks: readonly Network[] }

export function Report({ report, networks }: Props): ReactNode {
  const { apps, from, to } = report
  return (
    <div className="flex flex-col gap-4">
      <div className="mb-2">
        <h3 className="text-base font-semibold">
          {t('ledger.report.span', { from: dayText(from), to: dayText(shiftDay(to, -1)) })}
        </h3>
        <Summary report={report} />
      </div>
      {apps.map((app) => (
        <App
          key={`${app.network} ${app.login}`}
          app={app}
          network={networks.find(({ id }) => id === app.network)}
          // Many tables would hide what stands below them.
          isOpen={apps.length <= 2}
        />
      ))}
      <Deletions report={report} networks={networks} />
      <Rules report={report} networks={networks} />
    </div>
  )
}

function Summary({ report }: { report: LedgerReport }): ReactNode {
  const { number } = useFormat()
  const { apps, recipients, modelCalls, integrity } = report
  const sum = (of: (app: AppReport) => number) => apps.reduce((total, app) => total + of(app), 0)
  const calls = sum((app) => app.calls)
  const items = sum((app) => app.items)
  const people = Object.entries(recipients.members).map(([role, count]) =>
    t('ledger.report.people', { count, role: t(`role.${role}`) }),
  )
  const facts = [
    [
      'asked',
      calls === 0
        ? t('ledger.report.nothing')
        : t('ledger.report.calls', {
            calls,
            items,
            apps: apps.length,
            shownCalls: number(calls),
            shownItems: number(items),
          }),
    ],
    ['seen', t('ledger.report.seen', { people: people.join(', '), keys: recipients.apiKeys })],
    [
      'models',
      modelCalls === 0
        ? t('ledger.report.models.none')
        : t('ledger.report.models.some', { count: modelCalls }),
    ],
    [
      'whole',
      integrity.faults === 0
        ? t('ledger.report.whole', { entries: integrity.entries, shown: number(integrity.entries) })
        : t('ledger.report.broken', { count: integrity.faults }),
    ],
  ] as const
  return (
    <dl className="mt-3 grid gap-x-6 gap-y-2 text-sm sm:grid-cols-[auto_1fr]">
      {facts.map(([name, text]) => (
        <div key={name} className="contents">
          <dt className="text-muted max-sm:-mb-1.5">{t(`ledger.report.fact.${name}`)}</dt>
          <dd className="max-w-prose">{text}</dd>
        </div>
      ))}
    </dl>
  )
}

/** Many are called after their network. */
function appName(network: string, login: string | undefined): string {
  if (login === undefined) return network
  return login.includes(network) ? login : t('ledger.report.app', { network, app: login })
}

type AppProps = { app: AppReport; network: Network | undefined; isOpen: boolean }

function App({ app, network, isOpen }: AppProps): ReactNode {
  const { number } = useFormat()
  const login = network?.logins.find(({ id }) => id === app.login)?.name
  const versions = [...new Set(app.uses.flatMap(({ termsVersion }) => termsVersion ?? []))]
  const counts = {
    calls: app.calls,
    items: app.items,
    shownCalls: number(app.calls),
    shownItems: number(app.items),
  }
  return (
    <details open={isOpen} className="group overflow-hidden rounded-lg border border-line">
      <summary className="flex cursor-pointer list-none items-center gap-3 px-4 py-3 hover:bg-sunken/60 focus-visible:-outline-offset-2">
        <NetworkLogo network={app.network} size={24} />
        <span className="flex min-w-0 flex-1 flex-wrap items-baseline gap-x-3 gap-y-0.5">
          <h4 className="font-semibold">{appName(app.networkName, login)}</h4>
          <span className="text-sm text-muted">{t('ledger.report.counts', counts)}</span>
        </span>
        <span className="text-muted transition-transform group-open:rotate-180">
          <Icon name="chevronDown" size={18} />
        </span>
      </summary>
      <div className="flex flex-col gap-1.5 border-t border-line bg-sunken/60 px-4 py-3 text-sm text-muted">
        <p className="flex flex-wrap items-center gap-1.5">
          {t('ledger.report.accounts')}{' '}
          {app.connections.map(({ id, name, sandbox }) => (
            <span key={id} className="inline-flex items-center gap-1.5 text-ink">
              {name ?? t('ledger.report.account.gone')} {sandbox && <Badge>{t('ui.sandbox')}</Badge>}
            </span>
          ))}
          {app.connections.length === 0 && t('ledger.report.accounts.none')}
        </p>
        <p>
          {app.ai.calls === 0
            ? t('ledger.report.ai.none')
            : t('ledger.report.ai.some', {
                items: app.ai.items,
                count: app.ai.calls,
                data: listText(app.ai.dataClasses.map(dataText)),
              })}
        </p>
        {versions.length > 0 && <p>{t('ledger.report.terms', { versions: listText(versions) })}</p>}
      </div>
      <div className="border-t border-line">
        <Uses uses={app.uses} label={app.networkName} />
      </div>
    </details>
  )
}

function Deletions({ report: { deletions }, networks }: Props): ReactNode {
  const format = useFormat()
  return (
    <section>
      <h4 className="font-semibold">{t('ledger.report.deleted')}</h4>
      {deletions.length === 0 ? (
        <p className="mt-1 text-sm text-muted">{t('ledger.report.deleted.none')}</p>
      ) : (
        <ul className="mt-2 divide-y divide-line rounded-lg border border-line text-sm">
          {deletions.map((one) => (
            <li
              key={`${one.network} ${one.item} ${one.dataClass} ${one.reason} ${one.rule}`}
              className="px-4 py-3"
            >
              <p className="font-medium">
                {nameOf(networks, one.network)}: {t(`data.item.${one.item}`, { count: one.count })}
              </p>
              <p className="text-muted">
                {dataText(one.dataClass)} · {t(`data.reason.${one.reason}`)} ·{' '}
                {format.dateRange(one.firstAt, one.lastAt)}
              </p>
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}

/** Rules are kept in English, as the networks write theirs. */
function Rules({ report: { rules }, networks }: Props): ReactNode {
  if (rules.length === 0) return null
  return (
    <details className="text-sm">
      <summary className="cursor-pointer py-1 text-muted pointer-coarse:py-3">
        {t('ledger.report.rules', { count: rules.reduce((sum, one) => sum + one.rules.length, 0) })}
      </summary>
      {rules.map(({ network, version, rules: own }) => (
        <div key={network} className="mt-3">
          <h4 className="font-medium">
            {nameOf(networks, network)} <span className="font-normal text-muted">{version}</span>
          </h4>
          <ul className="mt-1 flex flex-col gap-1.5">
            {own.map((rule) => (
              <li key={`${rule.id} ${rule.rule}`} className="flex flex-wrap items-baseline gap-x-2">
                <Badge>{rule.id}</Badge>
                <span lang="en" className="min-w-0 flex-1 basis-60">
                  {rule.rule}
                </span>
                <ExternalLink href={rule.source}>{t('ledger.report.source')}</ExternalLink>
              </li>
            ))}
          </ul>
        </div>
      ))}
    </details>
  )
}

function nameOf(networks: readonly Network[], id: string): string {
  return networks.find((one) => one.id === id)?.name ?? id
}
