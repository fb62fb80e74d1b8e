/** Invitations that were not accepted yet. */
import { useMutation, useQueryClient, useSuspenseQuery } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { api, type Client, type Output } from '../../api.ts'
import { useFormat } from '../../format.ts'
import { t } from '../../i18n.tsx'
import { Button } from '../../ui/Button.tsx'
import { Card } from '../../ui/Card.tsx'
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx'
import { toast } from '../../ui/toast.ts'

type Invitation = Output<Client['invitations']['list']>['items'][number]

export function Invitations(): ReactNode {
  const { data } = useSuspenseQuery(api.invitations.list.queryOptions())
  if (data.items.length === 0) return null
  return (
    <Card title={t('settings.invitations.title', { count: data.items.length })} isFlush>
      <ul className="divide-y divide-line">
        {data.items.map((invitation) => (
          <InvitationRow key={invitation.id} invitation={invitation} />
        ))}
      </ul>
    </Card>
  )
}

function InvitationRow({ invitation }: { invitation: Invitation }): ReactNode {
  const { id, email, role, expiresAt } = invitation
  const format = useFormat()
  const queries = useQueryClient()
  const [isAsking, setAsking] = useState(false)
  const revoke = useMutation(
    api.invitations.revoke.mutationOptions({
      onSuccess: async () => {
        setAsking(false)
        await queries.invalidateQueries({ queryKey: api.invitations.key() })
        toast.done(t('settings.invitations.revoked'))
      },
    }),
  )
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 px-5 py-3.5">
      <div className="min-w-0 flex-1 basis-52">
        <p className="font-medium wrap-anywhere">{email}</p>
        <p className="text-sm text-muted">
          {t('settings.invitations.detail', { role: t(`role.${role}`), day: format.date(expiresAt) })}
        </p>
      </div>
      <Button
        size="small"
        onPress={() => setAsking(true)}
        aria-label={t('settings.invitations.revokeOf', { email })}
      >
        {t('settings.invitations.revoke')}
      </Button>
      <ConfirmDialog
        title={t('settings.invitations.revoke.title', { email })}
        action={t('settings.invitations.revoke')}
        isOpen={isAsking}
        onClose={() => setAsking(false)}
        onConfirm={() => revoke.mutate({ id })}
        isPending={revoke.isPending}
        error={revoke.error}
      >
        <p>{t('settings.invitations.revoke.text')}</p>
      </ConfirmDialog>
    </li>
  )
}
