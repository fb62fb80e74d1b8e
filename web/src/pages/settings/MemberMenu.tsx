/** What an admin can do for or with a member: a link for a new password, removal. */
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { api } from '../../api.ts'
import { useFormat } from '../../format.ts'
import { t } from '../../i18n.tsx'
import { Button } from '../../ui/Button.tsx'
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx'
import { CopyField } from '../../ui/CopyField.tsx'
import { Dialog } from '../../ui/Dialog.tsx'
import { IconButton } from '../../ui/IconButton.tsx'
import { Menu, MenuItem } from '../../ui/Menu.tsx'
import { toast } from '../../ui/toast.ts'
import type { Member } from './MembersPage.tsx'

export function MemberMenu({ member }: { member: Member }): ReactNode {
  const [isRemoving, setRemoving] = useState(false)
  const queries = useQueryClient()
  const link = useMutation(api.members.resetPassword.mutationOptions({ onError: toast.failed }))
  const remove = useMutation(
    api.members.remove.mutationOptions({
      onSuccess: async () => {
        setRemoving(false)
        await queries.invalidateQueries({ queryKey: api.members.key() })
        toast.done(t('settings.members.removed', { name: member.name }))
      },
    }),
  )
  return (
    <>
      <Menu trigger={<IconButton icon="more" label={t('settings.members.actions', { name: member.name })} />}>
        <MenuItem icon="key" onAction={() => link.mutate({ id: member.id })}>
          {t('settings.members.passwordLink')}
        </MenuItem>
        <MenuItem icon="trash" isDangerous onAction={() => setRemoving(true)}>
          {t('settings.members.remove')}
        </MenuItem>
      </Menu>
      <ConfirmDialog
        title={t('settings.members.remove.title', { name: member.name })}
        action={t('settings.members.remove')}
        isOpen={isRemoving}
        onClose={() => setRemoving(false)}
        onConfirm={() => remove.mutate({ id: member.id })}
        isPending={remove.isPending}
        error={remove.error}
      >
        <p>{t('settings.members.remove.text')}</p>
      </ConfirmDialog>
      {link.data && <PasswordLinkDialog member={member} link={link.data} onClose={link.reset} />}
    </>
  )
}

type LinkProps = { member: Member; link: { url: string; expiresAt: string }; onClose: () => void }

function PasswordLinkDialog({ member, link, onClose }: LinkProps): ReactNode {
  const format = useFormat()
  return (
    <Dialog
      isOpen
      width="medium"
      title={t('settings.members.passwordLink.title', { name: member.name })}
      onClose={onClose}
      footer={<Button onPress={onClose}>{t('ui.close')}</Button>}
    >
      <p className="text-muted">
        {t('settings.members.passwordLink.text', { until: format.time(link.expiresAt) })}
      </p>
      <CopyField label={t('settings.link')} value={link.url} />
    </Dialog>
  )
}
