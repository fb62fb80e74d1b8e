/** Whether there is room for two dimensions, beside the navigation: the `md` of the styles. */
import { useSyncExternalStore } from 'react'

const wide = matchMedia('(min-width: 48rem)')

export function useIsWide(): boolean {
  return useSyncExternalStore(onChange, () => wide.matches)
}

function onChange(listener: () => void): () => void {
  wide.addEventListener('change', listener)
  return () => wide.removeEventListener('change', listener)
}
