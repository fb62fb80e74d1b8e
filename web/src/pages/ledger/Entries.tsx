/** The newest entries, page by page: what was asked of which network, what for, by whom, and what came back. */
import { useInfiniteQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { api, client } from '../../api.ts'
import { type Format, useFormat } from '../../format.ts'
import { t } from '../../i18n.tsx'
import { Badge } from '../../ui/Badge.tsx'
import { Button } from '../../ui/Button.tsx'
import { EmptyState } from '../../ui/EmptyState.tsx'
import { NetworkLogo } from '../../ui/NetworkBadge.tsx'
import { PagedList } from '../../ui/PagedList.tsx'
import { Select } from '../../ui/Select.tsx'
import type { Network } from '../connections/types.ts'
import { useNames } from '../budgets/names.ts'
import { callText } from '../prices/words.ts'
import type { Member } from '../settings/MembersPage.tsx'
import { actorText, dataText, type Entry, purposes, purposeText } from './words.ts'

type Props = { networks: readonly Network[]; members: readonly Member[] }

const any = 'any'

export function Entries({ networks, members }: Props): ReactNode {
  const { entriesOf: network, purpose } = useSearch({ from: '/shell/settings/ledger' })
  const navigate = useNavigate({ from: '/settings/ledger' })
  const names = useNames()
  const filter = { ...(network ? { network } : {}), ...(purpose ? { purpose } : {}) }
  const query = useInfiniteQuery({
    queryKey: [...api.accessRecords.list.key(), 'pages', filter],
    queryFn: ({ pageParam }) =>
      client.accessRecords.list({
        limit: 20,
        ...filter,
        ...(pageParam === null ? {} : { cursor: pageParam }),
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
  })
  const choose = (name: 'entriesOf' | 'purpose', id: string) =>
    void navigate({
      search: ({ [name]: _, ...before }) => (id === any ? before : { ...before, [name]: id }),
      resetScroll: false,
    })
  return (
    <section>
      <header className="mb-3 flex flex-wrap items-end justify-between gap-x-4 gap-y-3">
        <div className="min-w-48 flex-1">
          <h2 className="text-base font-semibold">{t('ledger.entries')}</h2>
          <p className="mt-0.5 max-w-prose text-sm text-muted">{t('ledger.entries.text')}</p>
        </div>
        <div className="flex flex-wrap gap-2">
          <Select
            isCompact
            label={t('ledger.network')}
            value={network ?? any}
            onChange={(id) => choose('entriesOf', id)}
            choices={[
              { id: any, text: t('ledger.network.all') },
              ...networks.map(({ id, name }) => ({ id, text: name })),
            ]}
          />
          <Select
            isCompact
            label={t('ledger.purpose')}
            value={purpose ?? any}
            onChange={(id) => choose('purpose', id)}
            choices={[
              { id: any, text: t('ledger.purpose.all') },
              ...purposes.map((id) => ({ id, text: sentence(purposeText(id)) })),
            ]}
          />
        </div>
      </header>
      <PagedList
        label={t('ledger.entries')}
        query={query}
        items={query.data?.pages.flatMap((page) => page.items) ?? []}
        empty={<NoEntries isFiltered={Object.keys(filter).length > 0} />}
      >
        {(entry) => (
          <EntryRow
            key={entry.id}
            entry={entry}
            network={networks.find(({ id }) => id === entry.network)?.name ?? entry.network}
            account={entry.connectionId === null ? null : names.connection(entry.connectionId)}
            members={members}
          />
        )}
      </PagedList>
    </section>
  )
}

const sentence = (text: string) => text.charAt(0).toLocaleUpperCase() + text.slice(1)

function NoEntries({ isFiltered }: { isFiltered: boolean }): ReactNode {
  const navigate = useNavigate({ from: '/settings/ledger' })
  if (!isFiltered)
    return (
      <EmptyState icon="list" title={t('ledger.entries.none')}>
        {t('ledger.entries.none.text')}
      </EmptyState>
    )
  return (
    <EmptyState
      icon="filter"
      title={t('ledger.entries.noneOf')}
      action={
        <Button
          onPress={() =>
            void navigate({
              search: ({ entriesOf: _, purpose: __, ...before }) => before,
              resetScroll: false,
            })
          }
        >
          {t('ledger.entries.showAll')}
        </Button>
      }
    />
  )
}

type RowProps = { entry: Entry; network: string; account: string | null; members: readonly Member[] }

function EntryRow({ entry, network, account, members }: RowProps): ReactNode {
  const format = useFormat()
  const { at, endpointClass, purpose, actor, chainId, number, hash } = entry
  return (
    <li className="flex gap-3.5 px-4 py-3.5 text-sm sm:px-5">
      <NetworkLogo network={entry.network} size={28} />
      <div className="min-w-0 flex-1">
        <div className="flex flex-wrap items-baseline justify-between gap-x-4 gap-y-0.5">
          <p className="min-w-0 font-medium wrap-anywhere">
            {network}: {callText(endpointClass)}
            {account !== null && <span className="font-normal text-muted"> · {account}</span>}
          </p>
          <p className="text-muted tabular-nums">{format.exact(at)}</p>
        </div>
        <p className="mt-0.5 wrap-anywhere">
          {t('ledger.entry.why', { purpose: purposeText(purpose), who: actorText(actor, members) })}
        </p>
        <p className="mt-1.5 flex flex-wrap items-center gap-1.5 text-muted">
          <Outcome entry={entry} />
          {factsOf(entry, format).join(' · ')}
        </p>
        {chainId !== null && number !== null && (
          <p className="mt-1.5 font-mono text-xs text-muted wrap-anywhere">
            {t('ledger.entry.chain', { number, chain: chainId, hash: hash?.slice(0, 12) ?? '' })}
          </p>
        )}
      </div>
    </li>
  )
}

/** An opening entry says what was about to be asked, a settling one what came of it. */
function Outcome({ entry: { kind, status } }: { entry: Entry }): ReactNode {
  if (kind === 'open') return <Badge>{t('ledger.entry.open')}</Badge>
  if (status === null) return <Badge tone="warning">{t('ledger.entry.unanswered')}</Badge>
  if (status === 429) return <Badge tone="warning">{t('ledger.entry.throttled')}</Badge>
  return status < 400 ? (
    <Badge tone="success">{t('ledger.entry.answered', { status })}</Badge>
  ) : (
    <Badge tone="danger">{t('ledger.entry.refused', { status })}</Badge>
  )
}

function factsOf(entry: Entry, { money }: Format): string[] {
  const { kind, items, dataClass, amount, currency } = entry
  const isOpen = kind === 'open'
  const count = isOpen || items === null || dataClass === 'none' ? null : items
  const cost = amount === null || currency === null ? null : money({ amount, currency })
  return [
    ...(count === null ? [] : [t('ledger.entry.items', { count, data: dataText(dataClass) })]),
    ...(cost === null && !isOpen ? [t('ledger.entry.cost.unknown')] : []),
    ...(cost !== null && Number(amount) > 0
      ? [t(isOpen ? 'ledger.entry.cost.most' : 'ledger.entry.cost', { cost })]
      : []),
  ]
}
