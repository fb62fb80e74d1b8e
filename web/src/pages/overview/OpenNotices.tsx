/** The newest things that need a person, each with the way to its remedy; nothing where there are none. */
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { api } from '../../api.ts'
import { useFormat } from '../../format.ts'
import { t } from '../../i18n.tsx'
import { cx } from '../../ui/cx.ts'
import { Icon } from '../../ui/icons.tsx'
import { Link } from '../../ui/Link.tsx'
import { RemedyLink } from '../notices/RemedyLink.tsx'
import { noticeWords, severities } from '../notices/words.ts'
import { BlockFailed } from './Block.tsx'

const most = 3

export function OpenNotices(): ReactNode {
  const format = useFormat()
  const query = useQuery(
    api.notices.list.queryOptions({ input: { limit: most, open: 'true' }, refetchInterval: 30_000 }),
  )
  const items = query.data?.items ?? []
  if (items.length === 0 && !query.isError) return null
  const heading = t(query.data === undefined ? 'shell.notices.title' : 'overview.notices.title')
  const isError = items.some((notice) => notice.severity === 'error')
  return (
    <section
      aria-label={heading}
      className={cx('rounded-xl', isError ? 'bg-danger-soft' : 'bg-warning-soft')}
    >
      <header className="flex items-baseline justify-between gap-3 px-5 pt-4 pb-1.5">
        <h2 className="text-base font-semibold">{heading}</h2>
        <Link to="/notices" search={{}} className="text-sm text-ink decoration-ink/40">
          {t('overview.notices.more')}
        </Link>
      </header>
      {query.data === undefined ? (
        <BlockFailed query={query} />
      ) : (
        <ul className="px-5 pb-3">
          {items.map((notice) => {
            const { title, remedy } = noticeWords(notice, format)
            const { icon, tone } = severities[notice.severity]
            return (
              <li key={notice.id} className="relative flex gap-3 py-2">
                <span className={cx('mt-px', tone)}>
                  <Icon name={icon} />
                </span>
                <div className="min-w-0 flex-1">
                  <RemedyLink
                    notice={notice}
                    className="rounded-sm font-medium wrap-anywhere underline decoration-ink/30 underline-offset-3 after:absolute after:inset-0 hover:decoration-ink"
                  >
                    {title}
                  </RemedyLink>
                  <p className="mt-0.5 text-sm wrap-anywhere text-ink/85">{remedy}</p>
                </div>
              </li>
            )
          })}
        </ul>
      )}
    </section>
  )
}
