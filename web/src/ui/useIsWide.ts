/** Whether there is room for seven columns beside the navigation: the `lg` of the styles. */
import { useSyncExternalStore } from 'react'

const wide = matchMedia('(min-width: 64rem)')

export function useIsWide(): boolean {
  return useSyncExternalStore(onChange, () => wide.matches)
}

function onChange(listener: () => void): () => void {
  wide.addEventListener('change', listener)
  return () => wide.removeEventListener('change', listener)
}
