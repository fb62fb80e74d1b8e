/** Proof of what was deleted: how much, of which class, when, why and by which rule. No content. */
import { useInfiniteQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { api, client } from '../../api.ts'
import { useFormat } from '../../format.ts'
import { t } from '../../i18n.tsx'
import { ExternalLink } from '../../ui/Link.tsx'
import { PagedList } from '../../ui/PagedList.tsx'
import { type Certificate, className, itemName, type KeptNetwork } from './words.ts'

export function Certificates({ networks }: { networks: readonly KeptNetwork[] }): ReactNode {
  const query = useInfiniteQuery({
    queryKey: [...api.data.certificates.key(), 'pages'],
    queryFn: ({ pageParam }) =>
      client.data.certificates({ limit: 20, ...(pageParam === null ? {} : { cursor: pageParam }) }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    refetchInterval: 20_000,
  })
  return (
    <PagedList
      label={t('data.certificates.title')}
      query={query}
      items={query.data?.pages.flatMap((page) => page.items) ?? []}
      empty={<p className="text-sm text-muted">{t('data.certificates.none')}</p>}
    >
      {(certificate) => (
        <CertificateRow
          key={certificate.id}
          certificate={certificate}
          network={
            networks.find(({ network }) => network === certificate.network)?.name ?? certificate.network
          }
        />
      )}
    </PagedList>
  )
}

function CertificateRow({ certificate, network }: { certificate: Certificate; network: string }): ReactNode {
  const format = useFormat()
  const { dataClass, reason, rule, source, lastAt, id, termsVersion } = certificate
  return (
    <li className="px-5 py-3.5">
      <div className="flex flex-wrap items-baseline justify-between gap-x-4 gap-y-1">
        <p className="font-medium">
          {itemName(certificate)} · {network}
        </p>
        <p className="text-sm text-muted">{format.dateTime(lastAt)}</p>
      </div>
      <p className="text-sm text-muted">
        {className(dataClass)} · {t(`data.reason.${reason}`)}
      </p>
      {rule !== '' && (
        <p className="mt-1 text-sm">
          <span lang="en">{rule}</span>{' '}
          <ExternalLink href={source}>{t('data.certificates.rule')}</ExternalLink>
        </p>
      )}
      <p className="mt-1 font-mono text-xs text-muted wrap-anywhere">
        {t('data.certificates.id', { id, version: termsVersion })}
      </p>
    </li>
  )
}
