/** A page that could not be shown: why, and a way to try again. `ShellError` is for when not even the frame could. */
import { useQueryErrorResetBoundary } from '@tanstack/react-query'
import { useRouter } from '@tanstack/react-router'
import { type ReactNode, useEffect } from 'react'
import { ErrorState } from '../ui/ErrorState.tsx'

export function RouteError({ error, reset }: { error: unknown; reset: () => void }): ReactNode {
  const router = useRouter()
  const queries = useQueryErrorResetBoundary()
  useEffect(() => queries.reset(), [queries])
  const retry = () => {
    // A part of the app that a newer version has replaced is only found by loading the page anew.
    if (error instanceof TypeError && /import/i.test(error.message)) return location.reload()
    reset()
    void router.invalidate()
  }
  return <ErrorState error={error} onRetry={retry} isPage />
}

export function ShellError(props: { error: unknown; reset: () => void }): ReactNode {
  return (
    <main>
      <RouteError {...props} />
    </main>
  )
}
