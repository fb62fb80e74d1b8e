/** The report for a time: chosen, read on the page, and taken along as PDF or JSON. */
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { lazy, type ReactNode, Suspense } from 'react'
import { api } from '../../api.ts'
import { t } from '../../i18n.tsx'
import { type PeriodSearch, type Span, spanOf } from '../../period.ts'
import { saveJson } from '../../save-file.ts'
import { useMe } from '../../session.ts'
import { Button, buttonClass } from '../../ui/Button.tsx'
import { Card } from '../../ui/Card.tsx'
import { ErrorState } from '../../ui/ErrorState.tsx'
import { Icon } from '../../ui/icons.tsx'
import { PeriodPicker } from '../../ui/PeriodPicker.tsx'
import { Select } from '../../ui/Select.tsx'
import { Skeleton } from '../../ui/Skeleton.tsx'
import type { Network } from '../connections/types.ts'
import type { LedgerReport } from './words.ts'

// It takes a while to be made, so its look may come meanwhile.
const Report = lazy(async () => ({ default: (await import('./Report.tsx')).Report }))

const all = 'all'

export function ReportPart({ networks }: { networks: readonly Network[] }): ReactNode {
  const { network, entriesOf, purpose, ...period } = useSearch({ from: '/shell/settings/ledger' })
  const navigate = useNavigate({ from: '/settings/ledger' })
  const filter = { ...(entriesOf ? { entriesOf } : {}), ...(purpose ? { purpose } : {}) }
  const choose = (chosen: PeriodSearch & { network?: string }) =>
    void navigate({ search: { ...filter, ...chosen }, resetScroll: false, replace: true })
  const own = network === undefined ? {} : { network }
  const span = spanOf(period)
  return (
    <Card title={t('ledger.report')} description={t('ledger.report.text')}>
      <div className="flex flex-col gap-5">
        <div className="grid items-start gap-4 sm:grid-cols-2">
          <PeriodPicker period={period} onChange={(chosen) => choose({ ...chosen, ...own })} />
          <Select
            label={t('ledger.network')}
            value={network ?? all}
            onChange={(id) => choose({ ...period, ...(id === all ? {} : { network: id }) })}
            choices={[
              { id: all, text: t('ledger.network.all') },
              ...networks.map(({ id, name }) => ({ id, text: name })),
            ]}
          />
        </div>
        {span === null ? (
          <p className="text-sm text-muted">{t('ledger.report.noDays')}</p>
        ) : (
          <Shown span={span} network={network} networks={networks} />
        )}
      </div>
    </Card>
  )
}

type ShownProps = { span: Span; network: string | undefined; networks: readonly Network[] }

function Shown({ span, network, networks }: ShownProps): ReactNode {
  const input = { ...span, ...(network === undefined ? {} : { network }) }
  // Making one walks the whole ledger, so it is kept until another is asked for.
  const { data, error, refetch } = useQuery(
    api.accessRecords.report.queryOptions({ input, staleTime: Number.POSITIVE_INFINITY }),
  )
  if (data === undefined)
    return error ? <ErrorState error={error} onRetry={() => void refetch()} /> : <Waiting />
  return (
    <Suspense fallback={<Waiting />}>
      <Report report={data} networks={networks} />
      <Downloads report={data} />
    </Suspense>
  )
}

function Waiting(): ReactNode {
  return (
    <div role="status" aria-label={t('ui.loading')} className="flex flex-col gap-3">
      <Skeleton className="h-6 w-1/2" />
      <Skeleton className="h-24" />
      <Skeleton className="h-24" />
    </div>
  )
}

function Downloads({ report }: { report: LedgerReport }): ReactNode {
  const { workspace } = useMe()
  const { from, to, network } = report
  const query = new URLSearchParams({
    from,
    to,
    ...(network === null ? {} : { network }),
    workspace: workspace.id,
  })
  return (
    <div className="flex flex-col gap-2 border-t border-line pt-4">
      <div className="flex flex-wrap gap-2">
        <a href={`/api/v1/access-records/report.pdf?${query}`} download className={buttonClass()}>
          <Icon name="download" size={18} />
          {t('ledger.report.asPdf')}
        </a>
        <Button icon="download" onPress={() => saveJson(`access-report-${from}-${to}.json`, report)}>
          {t('ledger.report.asJson')}
        </Button>
      </div>
      <p className="text-sm text-muted">{t('ledger.report.downloads')}</p>
    </div>
  )
}
