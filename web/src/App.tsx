/** What surrounds every page: answers of the API, the language of the components, the router. */
import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { type ReactNode, useEffect } from 'react'
import { I18nProvider, RouterProvider as AriaRouterProvider } from 'react-aria-components'
import { queryClient, setSignedOutListener } from './api.ts'
import { expectHeading } from './heading.ts'
import { language } from './i18n.tsx'
import { router } from './routes.tsx'

export function App(): ReactNode {
  useEffect(() => followNavigation(), [])
  return (
    <QueryClientProvider client={queryClient}>
      <I18nProvider locale={language() === 'de' ? 'de-DE' : 'en-GB'}>
        <AriaRouterProvider navigate={(href) => router.history.push(href)}>
          <RouterProvider router={router} />
        </AriaRouterProvider>
      </I18nProvider>
    </QueryClientProvider>
  )
}

/** A new page is announced by its heading, and a session that ended leads to the sign-in page and back. */
function followNavigation(): () => void {
  setSignedOutListener(() => {
    if (router.state.matches.some((match) => match.routeId.startsWith('/shell')))
      void router.navigate({ to: '/sign-in', search: { returnTo: router.state.location.href } })
  })
  return router.subscribe('onBeforeNavigate', ({ fromLocation, pathChanged }) => {
    if (fromLocation && pathChanged) expectHeading()
  })
}
