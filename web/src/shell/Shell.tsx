/** The frame of every page of a signed-in person: navigation, workspace, notices, account. */
import { Outlet, useLocation } from '@tanstack/react-router'
import { lazy, type ReactNode, Suspense } from 'react'
import { t } from '../i18n.tsx'
import { useMay, useMe } from '../session.ts'
import { ButtonLink, Link } from '../ui/Link.tsx'
import { Logo, LogoMark } from '../ui/Logo.tsx'
import { BottomBar, Navigation } from './Navigation.tsx'
import { NoticesBell } from './NoticesBell.tsx'

// Menus come after the page itself: their machinery is a fifth of all code.
const AccountMenu = lazy(async () => ({ default: (await import('./AccountMenu.tsx')).AccountMenu }))
const WorkspaceSwitcher = lazy(async () => ({
  default: (await import('./WorkspaceSwitcher.tsx')).WorkspaceSwitcher,
}))

export function Shell(): ReactNode {
  const mayWrite = useMay('editor')
  const { workspace, workspaces } = useMe()
  const isComposing = useLocation({ select: ({ pathname }) => pathname.startsWith('/compose') })
  return (
    <div className="min-h-dvh md:grid md:grid-cols-[14.5rem_minmax(0,1fr)]">
      <a
        href="#main"
        className="fixed top-2 left-2 z-50 -translate-y-20 rounded-lg bg-accent px-4 py-2 text-on-accent focus:translate-y-0"
      >
        {t('shell.skip')}
      </a>
      <aside className="sticky top-0 hidden h-dvh flex-col gap-5 border-r border-line bg-surface px-3 py-4 md:flex">
        <Link to="/" className="mx-2 self-start no-underline text-ink">
          <Logo />
        </Link>
        {mayWrite && (
          <ButtonLink to="/compose/{-$postId}" params={{ postId: undefined }} variant="primary" icon="plus">
            {t('shell.newPost')}
          </ButtonLink>
        )}
        <Navigation />
      </aside>
      <div className="flex min-w-0 flex-col">
        <header className="sticky top-0 z-20 flex h-14 items-center gap-2 border-b border-line bg-surface px-4 md:px-6">
          <Link to="/" aria-label={t('shell.nav.overview')} className="mr-1 md:hidden">
            <LogoMark size={26} />
          </Link>
          <div className="min-w-0 flex-1">
            <Suspense fallback={<p className="truncate font-medium">{workspace.name}</p>}>
              {workspaces.length > 1 ? (
                <WorkspaceSwitcher />
              ) : (
                <p className="truncate font-medium">{workspace.name}</p>
              )}
            </Suspense>
          </div>
          <NoticesBell />
          <Suspense fallback={<span className="size-10 pointer-coarse:size-11" />}>
            <AccountMenu />
          </Suspense>
        </header>
        <main
          id="main"
          tabIndex={-1}
          className="mx-auto w-full max-w-6xl flex-1 px-4 pt-6 pb-28 outline-none md:px-8 md:pt-8 md:pb-12"
        >
          <Outlet />
        </main>
        {!isComposing && <BottomBar />}
      </div>
    </div>
  )
}
