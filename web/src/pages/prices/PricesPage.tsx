/** The price book: what each network charges for what, where that stands written, and what is agreed otherwise. */
import { useSuspenseQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { lazy, type ReactNode, Suspense, useState } from 'react'
import { api, client } from '../../api.ts'
import { t } from '../../i18n.tsx'
import { saveJson } from '../../save-file.ts'
import { useMay } from '../../session.ts'
import { useTitle } from '../../title.ts'
import { Button } from '../../ui/Button.tsx'
import { EmptyState } from '../../ui/EmptyState.tsx'
import { ButtonLink } from '../../ui/Link.tsx'
import { Select } from '../../ui/Select.tsx'
import { Switch } from '../../ui/Switch.tsx'
import { PlanCard } from './PlanCard.tsx'
import { PriceList } from './PriceList.tsx'
import type { Book, Price } from './words.ts'

// Few change prices, and forms bring more code than the list.
const PriceDialog = lazy(async () => ({ default: (await import('./PriceDialog.tsx')).PriceDialog }))
const ImportDialog = lazy(async () => ({ default: (await import('./ImportDialog.tsx')).ImportDialog }))
const RemoveDialog = lazy(async () => ({ default: (await import('./RemoveDialog.tsx')).RemoveDialog }))

type Open =
  | { kind: 'new' }
  | { kind: 'edit'; price: Price }
  | { kind: 'remove'; price: Price }
  | { kind: 'import' }

export function PricesPage(): ReactNode {
  useTitle(t('settings.tab.prices'))
  const { data: book } = useSuspenseQuery(api.prices.list.queryOptions({ input: {} }))
  const { network: wanted, all = false } = useSearch({ from: '/shell/settings/prices' })
  const isAdmin = useMay('admin')
  const [open, setOpen] = useState<Open | null>(null)
  const network = book.networks.find(({ network: id }) => id === wanted) ?? firstOf(book)
  if (!network) return null
  const prices = book.items.filter((price) => price.network === network.network && (all || isShown(price)))
  const close = () => setOpen(null)
  return (
    <div className="flex flex-col gap-5">
      <p className="max-w-prose text-muted">{t('prices.text')}</p>
      <div className="flex flex-wrap items-center justify-between gap-3">
        <Filters book={book} network={network.network} all={all} />
        <ButtonLink to="/settings/prices/what-if" search={{ network: network.network }} icon="chart">
          {t('whatIf.open')}
        </ButtonLink>
      </div>
      <PlanCard key={network.network} plan={network} />
      <div className="flex flex-wrap items-center justify-between gap-3">
        <h2 className="text-base font-semibold">{t(all ? 'prices.heading.all' : 'prices.heading.now')}</h2>
        <div className="flex flex-wrap gap-2">
          <Button size="small" variant="quiet" icon="download" onPress={() => void download()}>
            {t('prices.export')}
          </Button>
          {isAdmin && (
            <>
              <Button size="small" variant="quiet" icon="upload" onPress={() => setOpen({ kind: 'import' })}>
                {t('prices.import')}
              </Button>
              <Button size="small" icon="plus" onPress={() => setOpen({ kind: 'new' })}>
                {t('prices.new')}
              </Button>
            </>
          )}
        </div>
      </div>
      {prices.length === 0 ? (
        <EmptyState icon="info" title={t('prices.none')}>
          {t('prices.none.text')}
        </EmptyState>
      ) : (
        <PriceList
          prices={prices}
          plan={network}
          isMixed={all}
          onEdit={isAdmin ? (price) => setOpen({ kind: 'edit', price }) : undefined}
          onRemove={isAdmin ? (price) => setOpen({ kind: 'remove', price }) : undefined}
        />
      )}
      <Suspense>
        {open?.kind === 'new' && <PriceDialog plan={network} price={null} onClose={close} />}
        {open?.kind === 'edit' && <PriceDialog plan={network} price={open.price} onClose={close} />}
        {open?.kind === 'remove' && <RemoveDialog price={open.price} onClose={close} />}
        {open?.kind === 'import' && <ImportDialog onClose={close} />}
      </Suspense>
    </div>
  )
}

/** Own prices of other days and plans are shown too: nobody else knows them. */
const isShown = (price: Price) => price.isInForce || price.origin === 'own'

/** The one that costs something comes first. */
function firstOf({ networks, items }: Book): Book['networks'][number] | undefined {
  const costs = items.find(
    ({ isInForce, entry }) => isInForce && 'price' in entry && Number(entry.price ?? 0) > 0,
  )
  return networks.find(({ network }) => network === costs?.network) ?? networks[0]
}

function Filters({ book, network, all }: { book: Book; network: string; all: boolean }): ReactNode {
  const navigate = useNavigate({ from: '/settings/prices' })
  return (
    <div className="flex flex-wrap items-center gap-x-5 gap-y-3">
      <Select
        isCompact
        label={t('prices.network')}
        value={network}
        onChange={(id) => void navigate({ search: (before) => ({ ...before, network: id }) })}
        choices={book.networks.map(({ network: id, name }) => ({ id, text: name }))}
      />
      <Switch
        isSelected={all}
        onChange={(isOn) =>
          void navigate({ search: ({ all: _, ...before }) => (isOn ? { ...before, all: true } : before) })
        }
      >
        {t('prices.all')}
      </Switch>
    </div>
  )
}

async function download(): Promise<void> {
  saveJson('litfass-prices.json', await client.prices.export({}))
}
