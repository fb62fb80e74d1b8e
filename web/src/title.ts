/** The title of the page in the browser's tab. `PageHeader` sets it; pages without one call this hook. */
import { useEffect } from 'react'

export function useTitle(title: string): void {
  useEffect(() => {
    document.title = title === 'Litfass' ? title : `${title} · Litfass`
  }, [title])
}
