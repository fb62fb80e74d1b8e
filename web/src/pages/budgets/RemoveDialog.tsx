/** Asks before a budget is removed, and says what goes on then. */
import { useMutation } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { api, client, queryClient } from '../../api.ts'
import { t } from '../../i18n.tsx'
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx'
import { toast } from '../../ui/toast.ts'
import { type Budget, type Names, scopeText } from './words.ts'

type Props = { budget: Budget; names: Names; onClose: () => void }

export function RemoveDialog({ budget, names, onClose }: Props): ReactNode {
  const remove = useMutation({
    mutationFn: () => client.budgets.remove({ id: budget.id }),
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: api.budgets.key() })
      toast.done(t('budgets.removed'))
      onClose()
    },
  })
  return (
    <ConfirmDialog
      title={t('budgets.remove.title', { name: scopeText(budget, names) })}
      action={t('budgets.remove')}
      isOpen
      onClose={onClose}
      onConfirm={() => remove.mutate()}
      isPending={remove.isPending}
      error={remove.error}
    >
      {t('budgets.remove.text')}
    </ConfirmDialog>
  )
}
