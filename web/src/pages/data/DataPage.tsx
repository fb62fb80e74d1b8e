/** Data read from networks: what is kept and how long, requests to delete, and the proof of what was deleted. */
import { useSuspenseQueries } from '@tanstack/react-query'
import { lazy, type ReactNode, Suspense, useState } from 'react'
import { api } from '../../api.ts'
import { t } from '../../i18n.tsx'
import { NeedsRole } from '../../shell/NeedsRole.tsx'
import { useTitle } from '../../title.ts'
import { Button } from '../../ui/Button.tsx'
import { Certificates } from './Certificates.tsx'
import { Deletions } from './Deletions.tsx'
import { NetworkData } from './NetworkData.tsx'
import type { KeptNetwork } from './words.ts'

// Few enter a request, and its form brings more code than the page.
const RequestDialog = lazy(async () => ({ default: (await import('./RequestDialog.tsx')).RequestDialog }))

export function DataPage(): ReactNode {
  useTitle(t('settings.tab.data'))
  return (
    <NeedsRole role="admin">
      <Data />
    </NeedsRole>
  )
}

function Data(): ReactNode {
  const [{ data }, { data: terms }] = useSuspenseQueries({
    queries: [api.data.kept.queryOptions(), api.terms.list.queryOptions()],
  })
  const [isAsking, setAsking] = useState(false)
  const used = data.items.filter((network) => network.connections.length > 0 || hasRows(network))
  const others = data.items.filter((network) => !used.includes(network))
  return (
    <div className="flex flex-col gap-6">
      <p className="max-w-prose text-muted">{t('data.text')}</p>
      {used.map((network) => (
        <NetworkData key={network.network} network={network} terms={terms} />
      ))}
      {used.length === 0 && <p>{t('data.none')}</p>}
      <Section
        title={t('data.deletions.title')}
        text={t('data.deletions.text')}
        actions={
          used.length > 0 && (
            <Button icon="plus" onPress={() => setAsking(true)}>
              {t('data.request')}
            </Button>
          )
        }
      >
        <Deletions networks={data.items} />
      </Section>
      <Section title={t('data.certificates.title')} text={t('data.certificates.text')}>
        <Certificates networks={data.items} />
      </Section>
      {others.length > 0 && (
        <details>
          <summary className="cursor-pointer py-2 font-medium">
            {t('data.others', { count: others.length })}
          </summary>
          <div className="mt-4 flex flex-col gap-6">
            {others.map((network) => (
              <NetworkData key={network.network} network={network} terms={terms} />
            ))}
          </div>
        </details>
      )}
      {isAsking && (
        <Suspense>
          <RequestDialog networks={used} onClose={() => setAsking(false)} />
        </Suspense>
      )}
    </div>
  )
}

function Section({
  title,
  text,
  actions,
  children,
}: {
  title: string
  text: string
  actions?: ReactNode
  children: ReactNode
}): ReactNode {
  return (
    <section>
      <header className="mb-3 flex flex-wrap items-start justify-between gap-x-4 gap-y-3">
        <div className="min-w-48 flex-1">
          <h2 className="text-base font-semibold">{title}</h2>
          <p className="mt-0.5 max-w-prose text-sm text-muted">{text}</p>
        </div>
        {actions}
      </header>
      {children}
    </section>
  )
}

function hasRows({ classes }: KeptNetwork): boolean {
  return classes.some(({ rows }) => rows > 0)
}
