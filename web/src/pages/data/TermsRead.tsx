/** When a network's rules about data and its prices were read last, where they stand, and reading them again. */
import { lazy, type ReactNode, Suspense, useState } from 'react'
import type { Client, Output } from '../../api.ts'
import { useFormat } from '../../format.ts'
import { t } from '../../i18n.tsx'
import { Badge } from '../../ui/Badge.tsx'
import { Button } from '../../ui/Button.tsx'
import { ExternalLink } from '../../ui/Link.tsx'

// Few do it, once a quarter, and its calendar brings more code than the page.
const TermsDialog = lazy(async () => ({ default: (await import('./TermsDialog.tsx')).TermsDialog }))

export type TermsList = Output<Client['terms']['list']>
export type Terms = TermsList['items'][number]

export function TermsRead({ list, network }: { list: TermsList; network: string }): ReactNode {
  const [reading, setReading] = useState<Terms | null>(null)
  const items = list.items.filter((one) => one.network === network)
  return (
    <>
      <ul className="divide-y divide-line border-b border-line text-sm">
        {items.map((terms) => (
          <Row
            key={terms.subject}
            terms={terms}
            rereadAfterDays={list.rereadAfterDays}
            onRead={() => setReading(terms)}
          />
        ))}
      </ul>
      {reading && (
        <Suspense>
          <TermsDialog terms={reading} onClose={() => setReading(null)} />
        </Suspense>
      )}
    </>
  )
}

type RowProps = { terms: Terms; rereadAfterDays: number; onRead: () => void }

function Row({ terms, rereadAfterDays, onRead }: RowProps): ReactNode {
  const { date } = useFormat()
  const { subject, readOn, ageDays, isOverdue, hasChanged, version, readings, versionEndsOn } = terms
  const [last] = readings
  const isOwn = last !== undefined && last.readOn === readOn && last.version === version
  const title = t(`data.terms.${subject}`)
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 px-5 py-3">
      <div className="min-w-56 flex-1">
        <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
          <span className="font-medium">{title}</span>
          <span>{t('data.terms.read', { day: date(readOn), count: ageDays })}</span>
          {isOverdue && (
            <Badge tone="warning" icon="clock">
              {t('data.terms.overdue', { count: rereadAfterDays })}
            </Badge>
          )}
          {hasChanged && (
            <Badge tone="warning" icon="alert">
              {t('data.terms.changed')}
            </Badge>
          )}
        </p>
        <p className="mt-0.5 text-muted wrap-anywhere">
          {t('data.terms.version', { version })} {isOwn ? readBy(last.by) : t('data.terms.byLitfass')}
        </p>
        {isOwn && last.note !== '' && <p className="mt-0.5 wrap-anywhere">{last.note}</p>}
        {hasChanged && <p className="mt-0.5">{t(`data.terms.changed.${subject}`)}</p>}
        {subject === 'data-rules' && versionEndsOn !== null && (
          <p className="mt-0.5 text-muted">{t('data.terms.api', { day: date(versionEndsOn) })}</p>
        )}
      </div>
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <Sources terms={terms} />
        <Button
          size="small"
          onPress={onRead}
          aria-label={t('data.terms.again.of', { what: title, network: terms.name })}
        >
          {t('data.terms.again')}
        </Button>
      </div>
    </li>
  )
}

/** Who is no member any more has no name. */
function readBy(name: string | null): string {
  return name === null ? t('data.terms.bySomebody') : t('data.terms.by', { name })
}

/** Every page that a rule or price was read on. */
export function Sources({ terms: { sources } }: { terms: Terms }): ReactNode {
  const [only, ...others] = sources
  if (only === undefined) return null
  if (others.length === 0) return <ExternalLink href={only}>{t('data.terms.source')}</ExternalLink>
  return (
    <details className="max-w-full">
      <summary className="cursor-pointer py-1 text-muted pointer-coarse:py-3">
        {t('data.terms.sources', { count: sources.length })}
      </summary>
      <ul className="mt-1 flex flex-col gap-1">
        {sources.map((source) => (
          <li key={source} className="wrap-anywhere">
            <ExternalLink href={source}>{source.replace('https://', '')}</ExternalLink>
          </li>
        ))}
      </ul>
    </details>
  )
}
