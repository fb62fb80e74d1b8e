/** The window of `Dialog`, loaded with the first that opens. */
import type { ReactNode } from 'react'
import { Dialog as AriaDialog, Heading, Modal, ModalOverlay } from 'react-aria-components'
import { t } from '../i18n.tsx'
import { cx } from './cx.ts'
import type { DialogProps } from './Dialog.tsx'
import { IconButton } from './IconButton.tsx'

const widths = { narrow: 'sm:max-w-md', medium: 'sm:max-w-xl', wide: 'sm:max-w-4xl' }

export function DialogWindow({
  title,
  isOpen,
  onClose,
  children,
  footer,
  width = 'narrow',
  role = 'dialog',
}: DialogProps): ReactNode {
  return (
    <ModalOverlay
      isOpen={isOpen}
      onOpenChange={(open) => !open && onClose()}
      isDismissable={role === 'dialog'}
      className="fixed inset-0 z-40 flex items-end justify-center bg-scrim data-entering:animate-[fade-in_120ms] sm:items-center sm:p-6"
    >
      <Modal
        className={cx(
          'max-h-[92dvh] w-full overflow-auto rounded-t-2xl bg-raised shadow-high data-entering:animate-[rise_160ms_ease-out] sm:rounded-2xl',
          widths[width],
        )}
      >
        <AriaDialog role={role} className="flex flex-col outline-none">
          <header className="flex items-start gap-3 px-5 pt-4 pb-1">
            <Heading slot="title" className="min-w-0 flex-1 pt-1.5 text-lg font-semibold">
              {title}
            </Heading>
            <span className="-mr-2">
              <IconButton icon="close" label={t('ui.close')} onPress={onClose} />
            </span>
          </header>
          <div className="flex flex-col gap-4 px-5 pt-1 pb-5">{children}</div>
          {footer && (
            <footer className="sticky bottom-0 flex flex-wrap justify-end gap-2.5 border-t border-line bg-raised px-5 py-3.5">
              {footer}
            </footer>
          )}
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  )
}
