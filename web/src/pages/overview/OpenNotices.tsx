/** The newest things that need a person; nothing where there are none. */
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { api } from '../../api.ts'
import { useFormat } from '../../format.ts'
import { t } from '../../i18n.tsx'
import { Banner } from '../../ui/Banner.tsx'
import { Link } from '../../ui/Link.tsx'
import { noticeWords } from '../notices/words.ts'

const most = 3

export function OpenNotices(): ReactNode {
  const format = useFormat()
  const { data } = useQuery(
    api.notices.list.queryOptions({ input: { limit: most, open: 'true' }, refetchInterval: 30_000 }),
  )
  const items = data?.items ?? []
  if (items.length === 0) return null
  const isError = items.some((notice) => notice.severity === 'error')
  return (
    <Banner
      tone={isError ? 'error' : 'warning'}
      title={t('overview.notices.title')}
      action={<Link to="/notices">{t('overview.notices.more')}</Link>}
    >
      <ul className="mt-1 flex list-disc flex-col gap-1 pl-4">
        {items.map((notice) => (
          <li key={notice.id}>{noticeWords(notice, format).title}</li>
        ))}
      </ul>
    </Banner>
  )
}
