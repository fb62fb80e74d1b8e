/** One network: each class of data with its clock, how much of it there is, and the rules behind it. */
import type { ReactNode } from 'react'
import { useFormat } from '../../format.ts'
import { t } from '../../i18n.tsx'
import { Badge } from '../../ui/Badge.tsx'
import { Card } from '../../ui/Card.tsx'
import { ExternalLink } from '../../ui/Link.tsx'
import { NetworkLogo } from '../../ui/NetworkBadge.tsx'
import { TermsRead, type TermsList } from './TermsRead.tsx'
import { className, type DataRule, type KeptClass, type KeptNetwork, periodName } from './words.ts'

export function NetworkData({ network, terms }: { network: KeptNetwork; terms: TermsList }): ReactNode {
  const kept = network.classes.filter(({ rows }) => rows > 0)
  const empty = network.classes.filter(({ rows }) => rows === 0)
  return (
    <Card
      isFlush
      title={
        <span className="flex items-center gap-2.5">
          <NetworkLogo network={network.network} size={24} />
          {network.name}
        </span>
      }
    >
      <TermsRead list={terms} network={network.network} />
      <Classes classes={kept} />
      {kept.length === 0 && <p className="px-5 py-3.5 text-sm text-muted">{t('data.rows', { count: 0 })}</p>}
      <div className="flex flex-col gap-1 border-t border-line px-5 py-3 text-sm">
        {empty.length > 0 && (
          <details>
            <summary className={summaryClass}>{t('data.more', { count: empty.length })}</summary>
            <div className="-mx-5 mt-2 border-y border-line">
              <Classes classes={empty} />
            </div>
          </details>
        )}
        {network.general.length > 0 && (
          <Rules rules={network.general} title={t('data.rules.general', { count: network.general.length })} />
        )}
      </div>
    </Card>
  )
}

const summaryClass = 'cursor-pointer py-1 text-muted pointer-coarse:py-3'

function Classes({ classes }: { classes: readonly KeptClass[] }): ReactNode {
  return (
    <ul className="divide-y divide-line text-base">
      {classes.map((one) => (
        <ClassRow key={one.dataClass} one={one} />
      ))}
    </ul>
  )
}

function ClassRow({ one }: { one: KeptClass }): ReactNode {
  const format = useFormat()
  const { dataClass, keepFor, rows, oldestReadAt, nextDeletionAt, deleteOn, rules, exportLimit } = one
  return (
    <li className="px-5 py-3.5">
      <div className="flex flex-wrap items-baseline justify-between gap-x-4 gap-y-1">
        <h3 className="font-medium">{className(dataClass)}</h3>
        <p className="text-sm text-muted">{t('data.rows', { count: rows })}</p>
      </div>
      <dl className="mt-1.5 grid gap-x-6 gap-y-1 text-sm sm:grid-cols-3">
        <Fact name={t('data.keepFor')}>{periodName(keepFor)}</Fact>
        <Fact name={t('data.oldest')}>{oldestReadAt === null ? '–' : format.date(oldestReadAt)}</Fact>
        <Fact name={t('data.next')}>{nextDeletionAt === null ? '–' : format.dateTime(nextDeletionAt)}</Fact>
      </dl>
      <p className="mt-2 flex flex-wrap items-center gap-1.5 text-sm text-muted">
        {deleteOn.length > 0 && t('data.endsOn')}
        {deleteOn.map((reason) => (
          <Badge key={reason}>{t(`data.ends.${reason}`)}</Badge>
        ))}
        {exportLimit !== null && <Badge tone="warning">{t('data.export', { count: exportLimit })}</Badge>}
      </p>
      <Rules rules={rules} title={t('data.rules', { count: rules.length })} />
    </li>
  )
}

function Fact({ name, children }: { name: string; children: ReactNode }): ReactNode {
  return (
    <div className="flex justify-between gap-3 sm:block">
      <dt className="text-muted">{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}

/** Rules are kept in English, as the networks write theirs. */
function Rules({ rules, title }: { rules: readonly DataRule[]; title: string }): ReactNode {
  return (
    <details className="text-sm">
      <summary className={summaryClass}>{title}</summary>
      <ul className="mt-1 flex flex-col gap-2">
        {rules.map((rule) => (
          <li key={`${rule.id} ${rule.rule}`} className="flex flex-wrap items-baseline gap-x-2">
            <Badge>{rule.id}</Badge>
            <span lang="en" className="min-w-0 flex-1 basis-60">
              {rule.rule}{' '}
              {rule.confidence !== 'high' && (
                <span lang={document.documentElement.lang} className="text-muted">
                  {t(`data.confidence.${rule.confidence}`)}
                </span>
              )}
            </span>
            <ExternalLink href={rule.source}>{t('data.source', { day: rule.since })}</ExternalLink>
          </li>
        ))}
      </ul>
    </details>
  )
}
