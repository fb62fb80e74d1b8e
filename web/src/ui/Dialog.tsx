/** A modal window: a small task that is finished or left. On phones it rises from the bottom edge. */
import { lazy, type ReactNode, Suspense } from 'react'

const DialogWindow = lazy(async () => ({ default: (await import('./DialogWindow.tsx')).DialogWindow }))

export type DialogProps = {
  title: string
  isOpen: boolean
  onClose: () => void
  children: ReactNode
  /** Buttons; the main one last. */
  footer?: ReactNode
  width?: 'narrow' | 'medium' | 'wide'
  role?: 'dialog' | 'alertdialog'
}

export function Dialog(props: DialogProps): ReactNode {
  if (!props.isOpen) return null
  return (
    <Suspense>
      <DialogWindow {...props} />
    </Suspense>
  )
}
