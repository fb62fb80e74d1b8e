/** The way to the notices, with how many are unread. */
import { useQuery } from '@tanstack/react-query'
import { Link as RouterLink } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { api } from '../api.ts'
import { t } from '../i18n.tsx'
import { Icon } from '../ui/icons.tsx'

const askEveryMs = 30_000

export function NoticesBell(): ReactNode {
  const { data } = useQuery(
    api.notices.list.queryOptions({
      input: { limit: 1 },
      refetchInterval: askEveryMs,
      staleTime: askEveryMs,
    }),
  )
  const unread = data?.unread ?? 0
  return (
    <RouterLink
      to="/notices"
      aria-label={t('shell.notices', { count: unread })}
      className="relative grid size-10 place-items-center rounded-lg text-muted hover:bg-sunken hover:text-ink aria-[current=page]:text-accent-ink pointer-coarse:size-11"
    >
      <Icon name="bell" />
      {unread > 0 && (
        <span
          aria-hidden="true"
          className="absolute top-1 right-0.5 grid h-4.5 min-w-4.5 place-items-center rounded-full bg-danger px-1 text-[0.6875rem] leading-none font-semibold text-surface tabular-nums"
        >
          {unread > 99 ? '99+' : unread}
        </span>
      )}
    </RouterLink>
  )
}
