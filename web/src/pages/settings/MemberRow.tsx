/** One member, and their role. */
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { lazy, type ReactNode, Suspense } from 'react'
import { api } from '../../api.ts'
import { t } from '../../i18n.tsx'
import { type Role, useMay, useMe } from '../../session.ts'
import { Avatar } from '../../ui/Avatar.tsx'
import { Badge } from '../../ui/Badge.tsx'
import { Select } from '../../ui/Select.tsx'
import { toast } from '../../ui/toast.ts'
import type { Member } from './MembersPage.tsx'
import { roleChoices } from './roles.ts'

const MemberMenu = lazy(async () => ({ default: (await import('./MemberMenu.tsx')).MemberMenu }))

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
          <Suspense fallback={<span className="size-10 pointer-coarse:size-11" />}>
            <MemberMenu member={member} />
          </Suspense>
        </div>
      ) : (
        <span className="pr-1 text-sm text-muted max-sm:w-full max-sm:pl-13">{t(`role.${member.role}`)}</span>
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
