/** Asks before something is done that cannot be undone. The button says what will happen, never "OK". */
import type { ReactNode } from 'react'
import { t } from '../i18n.tsx'
import { asProblem } from '../problems.ts'
import { Button } from './Button.tsx'
import { Dialog } from './Dialog.tsx'
import { ProblemBanner } from './ProblemBanner.tsx'

type Props = {
  title: string
  /** What will be gone, and what stays. */
  children: ReactNode
  action: string
  isOpen: boolean
  onClose: () => void
  onConfirm: () => void
  isPending?: boolean
  error?: unknown
  isDangerous?: boolean
}

export function ConfirmDialog(props: Props): ReactNode {
  const {
    title,
    children,
    action,
    isOpen,
    onClose,
    onConfirm,
    isPending = false,
    error,
    isDangerous = true,
  } = props
  return (
    <Dialog
      role="alertdialog"
      title={title}
      isOpen={isOpen}
      onClose={onClose}
      footer={
        <>
          <Button onPress={onClose}>{t('ui.cancel')}</Button>
          <Button variant={isDangerous ? 'danger' : 'primary'} onPress={onConfirm} isPending={isPending}>
            {action}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-2 text-muted">{children}</div>
      {error != null && <ProblemBanner problem={asProblem(error)} />}
    </Dialog>
  )
}
