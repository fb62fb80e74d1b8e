/** Asks before a price of one's own is removed, and says what holds then. */
import { useMutation } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { api, client, queryClient } from '../../api.ts'
import { t } from '../../i18n.tsx'
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx'
import { toast } from '../../ui/toast.ts'
import { type Price, subjectText } from './words.ts'

export function RemoveDialog({ price, onClose }: { price: Price; onClose: () => void }): ReactNode {
  const remove = useMutation({
    mutationFn: () => client.prices.remove({ id: price.id ?? '' }),
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: api.prices.key() })
      toast.done(t('prices.removed'))
      onClose()
    },
  })
  return (
    <ConfirmDialog
      title={t('prices.remove.title', { name: subjectText(price.entry) })}
      action={t('prices.remove')}
      isOpen
      onClose={onClose}
      onConfirm={() => remove.mutate()}
      isPending={remove.isPending}
      error={remove.error}
    >
      {t(price.replacesShipped ? 'prices.remove.replaced' : 'prices.remove.text')}
    </ConfirmDialog>
  )
}
