/**
 * Every page and its address. Each page is a file of its own that is loaded when it is visited.
 *
 * Search parameters are read by a `validateSearch` beside the page (`pages/<area>/search.ts`), so that links to it are
 * checked by the compiler: `<Link to="/posts" search={{ state: 'draft' }}>`.
 */
import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
} from '@tanstack/react-router'
import { withLaterTexts } from './i18n.tsx'
import { readCalendarSearch } from './pages/calendar/search.ts'
import { readComposeSearch } from './pages/compose/search.ts'
import { readConnectionsSearch, readConnectSearch } from './pages/connections/search.ts'
import { readLedgerSearch } from './pages/ledger/search.ts'
import { readNoticesSearch } from './pages/notices/search.ts'
import { readPostsSearch } from './pages/posts/search.ts'
import { readPricesSearch } from './pages/prices/search.ts'
import { readReturnSearch, readTokenSearch } from './pages/start/search.ts'
import { readWhatIfSearch } from './pages/what-if/search.ts'
import { enter } from './shell/enter.ts'
import { NotFound } from './shell/NotFound.tsx'
import { RouteError, ShellError } from './shell/RouteError.tsx'
import { Shell } from './shell/Shell.tsx'
import { PageSkeleton } from './ui/Skeleton.tsx'

const root = createRootRoute({ component: Outlet, notFoundComponent: NotFound })

/** Pages for signed-in people. */
const shell = createRoute({
  getParentRoute: () => root,
  id: 'shell',
  component: Shell,
  errorComponent: ShellError,
  beforeLoad: enter,
})

const inShell = [
  createRoute({
    getParentRoute: () => shell,
    path: '/',
    component: lazyRouteComponent(() => import('./pages/overview/OverviewPage.tsx'), 'OverviewPage'),
  }),
  createRoute({
    getParentRoute: () => shell,
    // One route for both, so that a new post getting its id does not start the page anew.
    path: '/compose/{-$postId}',
    validateSearch: readComposeSearch,
    component: lazyRouteComponent(() => import('./pages/compose/ComposePage.tsx'), 'ComposePage'),
  }),
  createRoute({
    getParentRoute: () => shell,
    path: '/calendar',
    validateSearch: readCalendarSearch,
    component: lazyRouteComponent(() => import('./pages/calendar/CalendarPage.tsx'), 'CalendarPage'),
  }),
  createRoute({
    getParentRoute: () => shell,
    path: '/posts',
    validateSearch: readPostsSearch,
    component: lazyRouteComponent(() => import('./pages/posts/PostsPage.tsx'), 'PostsPage'),
  }),
  createRoute({
    getParentRoute: () => shell,
    path: '/posts/$postId',
    component: lazyRouteComponent(() => import('./pages/posts/PostPage.tsx'), 'PostPage'),
  }),
  createRoute({
    getParentRoute: () => shell,
    path: '/deliveries/$deliveryId',
    component: lazyRouteComponent(() => import('./pages/posts/DeliveryPage.tsx'), 'DeliveryPage'),
  }),
  createRoute({
    getParentRoute: () => shell,
    path: '/connections',
    validateSearch: readConnectionsSearch,
    component: lazyRouteComponent(() => import('./pages/connections/ConnectionsPage.tsx'), 'ConnectionsPage'),
  }),
  createRoute({
    getParentRoute: () => shell,
    path: '/connections/new',
    validateSearch: readConnectSearch,
    component: lazyRouteComponent(() => import('./pages/connections/ConnectPage.tsx'), 'ConnectPage'),
  }),
  createRoute({
    getParentRoute: () => shell,
    path: '/connections/$connectionId/channels',
    component: lazyRouteComponent(() => import('./pages/connections/ChannelsPage.tsx'), 'ChannelsPage'),
  }),
  createRoute({
    getParentRoute: () => shell,
    path: '/notices',
    validateSearch: readNoticesSearch,
    component: lazyRouteComponent(() => import('./pages/notices/NoticesPage.tsx'), 'NoticesPage'),
  }),
] as const

const settings = createRoute({
  getParentRoute: () => shell,
  path: '/settings',
  component: lazyRouteComponent(() => import('./pages/settings/SettingsLayout.tsx'), 'SettingsLayout'),
})
const inSettings = [
  createRoute({
    getParentRoute: () => settings,
    path: '/',
    component: lazyRouteComponent(() => import('./pages/settings/WorkspacePage.tsx'), 'WorkspacePage'),
  }),
  createRoute({
    getParentRoute: () => settings,
    path: '/members',
    component: lazyRouteComponent(() => import('./pages/settings/MembersPage.tsx'), 'MembersPage'),
  }),
  createRoute({
    getParentRoute: () => settings,
    path: '/networks',
    component: lazyRouteComponent(() => import('./pages/connections/NetworkAppsPage.tsx'), 'NetworkAppsPage'),
  }),
  createRoute({
    getParentRoute: () => settings,
    path: '/prices',
    validateSearch: readPricesSearch,
    component: lazyRouteComponent(
      () => withLaterTexts(import('./pages/prices/PricesPage.tsx')),
      'PricesPage',
    ),
  }),
  createRoute({
    getParentRoute: () => settings,
    path: '/prices/what-if',
    validateSearch: readWhatIfSearch,
    component: lazyRouteComponent(
      () => withLaterTexts(import('./pages/what-if/WhatIfPage.tsx')),
      'WhatIfPage',
    ),
  }),
  createRoute({
    getParentRoute: () => settings,
    path: '/ledger',
    validateSearch: readLedgerSearch,
    component: lazyRouteComponent(
      () => withLaterTexts(import('./pages/ledger/LedgerPage.tsx')),
      'LedgerPage',
    ),
  }),
  createRoute({
    getParentRoute: () => settings,
    path: '/budgets',
    component: lazyRouteComponent(
      () => withLaterTexts(import('./pages/budgets/BudgetsPage.tsx')),
      'BudgetsPage',
    ),
  }),
  createRoute({
    getParentRoute: () => settings,
    path: '/keys',
    component: lazyRouteComponent(() => import('./pages/settings/KeysPage.tsx'), 'KeysPage'),
  }),
  createRoute({
    getParentRoute: () => settings,
    path: '/data',
    component: lazyRouteComponent(() => withLaterTexts(import('./pages/data/DataPage.tsx')), 'DataPage'),
  }),
  createRoute({
    getParentRoute: () => settings,
    path: '/ai',
    component: lazyRouteComponent(() => withLaterTexts(import('./pages/ai/AiPage.tsx')), 'AiPage'),
  }),
  createRoute({
    getParentRoute: () => settings,
    path: '/account',
    component: lazyRouteComponent(() => import('./pages/settings/AccountPage.tsx'), 'AccountPage'),
  }),
  createRoute({
    getParentRoute: () => settings,
    path: '/about',
    component: lazyRouteComponent(() => import('./pages/settings/AboutPage.tsx'), 'AboutPage'),
  }),
] as const

/** Pages for people who are not signed in. */
const start = createRoute({
  getParentRoute: () => root,
  id: 'start',
  component: lazyRouteComponent(() => import('./pages/start/StartLayout.tsx'), 'StartLayout'),
})
const inStart = [
  createRoute({
    getParentRoute: () => start,
    path: '/setup',
    validateSearch: readTokenSearch,
    component: lazyRouteComponent(() => import('./pages/start/SetUpPage.tsx'), 'SetUpPage'),
  }),
  createRoute({
    getParentRoute: () => start,
    path: '/sign-in',
    validateSearch: readReturnSearch,
    component: lazyRouteComponent(() => import('./pages/start/SignInPage.tsx'), 'SignInPage'),
  }),
  createRoute({
    getParentRoute: () => start,
    path: '/forgot-password',
    component: lazyRouteComponent(() => import('./pages/start/ForgotPasswordPage.tsx'), 'ForgotPasswordPage'),
  }),
  createRoute({
    getParentRoute: () => start,
    path: '/reset-password',
    validateSearch: readTokenSearch,
    component: lazyRouteComponent(() => import('./pages/start/ResetPasswordPage.tsx'), 'ResetPasswordPage'),
  }),
  createRoute({
    getParentRoute: () => start,
    path: '/invite',
    validateSearch: readTokenSearch,
    component: lazyRouteComponent(() => import('./pages/start/InvitePage.tsx'), 'InvitePage'),
  }),
] as const

export const router = createRouter({
  routeTree: root.addChildren([
    shell.addChildren([...inShell, settings.addChildren([...inSettings])]),
    start.addChildren([...inStart]),
  ]),
  defaultPreload: 'intent',
  // Queries know how fresh they are.
  defaultPreloadStaleTime: 0,
  defaultErrorComponent: RouteError,
  defaultPendingComponent: PageSkeleton,
  defaultPendingMs: 200,
  defaultPendingMinMs: 0,
  scrollRestoration: true,
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
