/** Asks before a page with unsaved work is left. */
import { useBlocker } from '@tanstack/react-router'
import { t } from '../../i18n.tsx'

/** Inside the app the question is ours; when the tab is closed, the browser asks. */
export function useLeaveGuard(isUnsaved: boolean): void {
  useBlocker({
    shouldBlockFn: ({ current, next }) => {
      // A new draft getting its id is the same page.
      if (current.routeId === next.routeId) return false
      return isUnsaved && !window.confirm(t('compose.leave'))
    },
    enableBeforeUnload: isUnsaved,
    disabled: !isUnsaved,
  })
}
