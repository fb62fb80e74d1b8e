/** Ways to the main pages: a column beside the page, and a bar below it on phones. */
import { Link as RouterLink } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { t } from '../i18n.tsx'
import { useMay } from '../session.ts'
import { Icon, type IconName } from '../ui/icons.tsx'

type Place = { to: '/' | '/calendar' | '/posts' | '/connections' | '/settings'; text: string; icon: IconName }

function places(): Place[] {
  return [
    { to: '/', text: t('shell.nav.overview'), icon: 'home' },
    { to: '/calendar', text: t('shell.nav.calendar'), icon: 'calendar' },
    { to: '/posts', text: t('shell.nav.posts'), icon: 'posts' },
    { to: '/connections', text: t('shell.nav.connections'), icon: 'plug' },
    { to: '/settings', text: t('shell.nav.settings'), icon: 'gear' },
  ]
}

export function Navigation(): ReactNode {
  return (
    <nav aria-label={t('shell.nav')}>
      <ul className="flex flex-col gap-0.5">
        {places().map(({ to, text, icon }) => (
          <li key={to}>
            <RouterLink
              to={to}
              activeOptions={{ exact: to === '/' }}
              className="flex min-h-10 items-center gap-3 rounded-lg px-3 text-sm font-medium text-muted transition-colors hover:bg-sunken hover:text-ink aria-[current=page]:bg-accent-soft aria-[current=page]:text-accent-ink"
            >
              <Icon name={icon} />
              {text}
            </RouterLink>
          </li>
        ))}
      </ul>
    </nav>
  )
}

/** Settings are reached through the account menu there. */
export function BottomBar(): ReactNode {
  const mayWrite = useMay('editor')
  const shown = places().slice(0, 4)
  return (
    <nav
      aria-label={t('shell.nav')}
      className="fixed inset-x-0 bottom-0 z-20 border-t border-line bg-surface pb-[env(safe-area-inset-bottom)] md:hidden"
    >
      <ul className="mx-auto flex h-16 max-w-lg items-stretch">
        {shown.slice(0, 2).map(barItem)}
        {mayWrite && (
          <li className="grid w-16 place-items-center">
            <RouterLink
              to="/compose/{-$postId}"
              params={{ postId: undefined }}
              aria-label={t('shell.newPost')}
              className="grid size-12 place-items-center rounded-full bg-accent text-on-accent shadow-high"
            >
              <Icon name="plus" size={24} />
            </RouterLink>
          </li>
        )}
        {shown.slice(2).map(barItem)}
      </ul>
    </nav>
  )
}

function barItem({ to, text, icon }: Place): ReactNode {
  return (
    <li key={to} className="min-w-0 flex-1">
      <RouterLink
        to={to}
        activeOptions={{ exact: to === '/' }}
        className="flex h-full flex-col items-center justify-center gap-0.5 text-muted aria-[current=page]:text-accent-ink"
      >
        <Icon name={icon} size={22} />
        <span className="max-w-full truncate px-0.5 text-[0.6875rem] font-medium">{text}</span>
      </RouterLink>
    </li>
  )
}
