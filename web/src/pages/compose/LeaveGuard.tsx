/** Asks before a page with unsaved work is left; what can be saved first is saved without asking. */
import { useBlocker } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { t } from '../../i18n.tsx'
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx'

type Props = {
  isUnsaved: boolean
  /** Tries to save, and says whether nothing is left unsaved. */
  onSave: () => Promise<boolean>
  onDiscard: () => void
}

/** Inside the app the question is ours; when the tab is closed, the browser asks. */
export function LeaveGuard({ isUnsaved, onSave, onDiscard }: Props): ReactNode {
  const blocker = useBlocker({
    shouldBlockFn: async ({ current, next }) => {
      if (current.pathname === next.pathname) return false
      // The session has ended: what is written waits in this tab.
      if (next.pathname === '/sign-in') return false
      return !(await onSave())
    },
    enableBeforeUnload: isUnsaved,
    disabled: !isUnsaved,
    withResolver: true,
  })
  return (
    <ConfirmDialog
      title={t('compose.leave.title')}
      action={t('compose.leave.action')}
      isOpen={blocker.status === 'blocked'}
      onClose={() => blocker.reset?.()}
      onConfirm={() => {
        onDiscard()
        blocker.proceed?.()
      }}
    >
      {t('compose.leave.text')}
    </ConfirmDialog>
  )
}
