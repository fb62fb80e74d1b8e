/** One member: role, a link for a new password, removal. */
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { api } from '../../api.ts'
import { useFormat } from '../../format.ts'
import { t } from '../../i18n.tsx'
import { type Role, useMay, useMe } from '../../session.ts'
import { Avatar } from '../../ui/Avatar.tsx'
import { Badge } from '../../ui/Badge.tsx'
import { Button } from '../../ui/Button.tsx'
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx'
import { CopyField } from '../../ui/CopyField.tsx'
import { Dialog } from '../../ui/Dialog.tsx'
import { IconButton } from '../../ui/IconButton.tsx'
import { Menu, MenuItem } from '../../ui/Menu.tsx'
import { Select } from '../../ui/Select.tsx'
import { toast } from '../../ui/toast.ts'
import type { Member } from './MembersPage.tsx'
import { roleChoices } from './roles.ts'

export function MemberRow({ member }: { member: Member }): ReactNode {
  const me = useMe()
  const isMe = member.id === me.member.id
  const isOwner = useMay('owner')
  // Only owners decide about owners.
  const mayChange = useMay('admin') && (isOwner || member.role !== 'owner')
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 px-5 py-3.5">
      <Avatar name={member.name} />
      <div className="min-w-0 flex-1 basis-52">
        <p className="flex flex-wrap items-center gap-2 font-medium">
          <span className="wrap-anywhere">{member.name}</span>
          {isMe && <Badge>{t('settings.members.you')}</Badge>}
          {!member.canSignIn && <Badge tone="info">{t('settings.members.noPassword')}</Badge>}
        </p>
        <p className="text-sm text-muted wrap-anywhere">{member.email}</p>
      </div>
      {mayChange && !isMe ? (
        <div className="flex items-center gap-2 max-sm:w-full max-sm:justify-between max-sm:pl-13">
          <RoleSelect member={member} mayMakeOwner={isOwner} />
          <MemberMenu member={member} />
        </div>
      ) : (
        <span className="pr-1 text-sm text-muted">{t(`role.${member.role}`)}</span>
      )}
    </li>
  )
}

function RoleSelect({ member, mayMakeOwner }: { member: Member; mayMakeOwner: boolean }): ReactNode {
  const queries = useQueryClient()
  const change = useMutation(
    api.members.change.mutationOptions({
      onSuccess: () => toast.done(t('settings.members.roleSaved', { name: member.name })),
      onError: toast.failed,
      onSettled: () => queries.invalidateQueries({ queryKey: api.members.key() }),
    }),
  )
  const role = change.isPending ? change.variables.role : member.role
  return (
    <Select
      isCompact
      label={t('settings.members.roleOf', { name: member.name })}
      choices={roleChoices(mayMakeOwner)}
      value={role}
      onChange={(next) => change.mutate({ id: member.id, role: next as Role })}
    />
  )
}

function MemberMenu({ member }: { member: Member }): ReactNode {
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
