/** Connections: what each reaches, how long it lasts, and what to do when it ends. */
import { useSuspenseQuery } from '@tanstack/react-query'
import { useSearch } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { api } from '../../api.ts'
import { t } from '../../i18n.tsx'
import { Problem } from '../../problems.ts'
import { useMay } from '../../session.ts'
import { Banner } from '../../ui/Banner.tsx'
import { EmptyState } from '../../ui/EmptyState.tsx'
import { ButtonLink } from '../../ui/Link.tsx'
import { PageHeader } from '../../ui/PageHeader.tsx'
import { ProblemBanner } from '../../ui/ProblemBanner.tsx'
import { Unlimited } from '../budgets/Proposals.tsx'
import { ConnectionCard } from './ConnectionCard.tsx'

export function ConnectionsPage(): ReactNode {
  const search = useSearch({ from: '/shell/connections' })
  const mayConnect = useMay('admin')
  const { data: connections } = useSuspenseQuery(api.connections.list.queryOptions())
  const added = connections.items.find(({ id }) => id === search.added)
  const alive = connections.items.filter(({ state }) => state !== 'disconnected')
  const ended = connections.items.filter(({ state }) => state === 'disconnected')
  return (
    <>
      <PageHeader
        title={t('connections.title')}
        actions={
          mayConnect && (
            <ButtonLink variant="primary" icon="plus" to="/connections/new" search={{}}>
              {t('connections.add')}
            </ButtonLink>
          )
        }
      />
      <div className="flex flex-col gap-4">
        {search.error !== undefined && (
          <ProblemBanner
            problem={new Problem(search.error, search.message ?? search.error, { status: 400, remedy: '' })}
          />
        )}
        {added && (
          <Banner tone="success" isLive>
            {t('connections.added', {
              name: added.name,
              count: added.channels.filter(({ state }) => state === 'active').length,
            })}
          </Banner>
        )}
        <Unlimited added={added?.network} />
        {alive.length === 0 && (
          <EmptyState
            icon="plug"
            title={t('connections.empty.title')}
            action={
              mayConnect && (
                <ButtonLink variant="primary" to="/connections/new" search={{}}>
                  {t('connections.add')}
                </ButtonLink>
              )
            }
          >
            {t('connections.empty.text')}
          </EmptyState>
        )}
        {alive.map((connection) => (
          <ConnectionCard key={connection.id} connection={connection} />
        ))}
        {ended.length > 0 && (
          <details className="rounded-xl border border-line bg-surface">
            <summary className="cursor-pointer px-5 py-3.5 font-medium">
              {t('connections.ended', { count: ended.length })}
            </summary>
            <div className="flex flex-col gap-4 border-t border-line p-4">
              {ended.map((connection) => (
                <ConnectionCard key={connection.id} connection={connection} />
              ))}
            </div>
          </details>
        )}
      </div>
    </>
  )
}
