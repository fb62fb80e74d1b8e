/** Inviting someone: address and role, then the link to hand over. */
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { api, type Client, client, type Output } from '../../api.ts'
import { useFormat } from '../../format.ts'
import { t } from '../../i18n.tsx'
import { Banner } from '../../ui/Banner.tsx'
import { Button } from '../../ui/Button.tsx'
import { CopyField } from '../../ui/CopyField.tsx'
import { Dialog } from '../../ui/Dialog.tsx'
import { Form } from '../../ui/Form.tsx'
import { RadioGroup } from '../../ui/RadioGroup.tsx'
import { TextField } from '../../ui/TextField.tsx'
import { roleChoices } from './roles.ts'

type Invitation = Output<Client['invitations']['create']>
type GivenRole = Parameters<Client['invitations']['create']>[0]['role']

export function InviteDialog({ onClose }: { onClose: () => void }): ReactNode {
  const [role, setRole] = useState<GivenRole>('editor')
  const queries = useQueryClient()
  const invite = useMutation({
    mutationFn: (values: Record<string, string>) =>
      client.invitations.create({ email: values['email'] ?? '', role }),
    onSuccess: () => queries.invalidateQueries({ queryKey: api.invitations.key() }),
  })
  if (invite.data) return <InvitedDialog invitation={invite.data} onClose={onClose} />
  return (
    <Dialog
      isOpen
      title={t('settings.invite.title')}
      onClose={onClose}
      footer={
        <>
          <Button onPress={onClose}>{t('ui.cancel')}</Button>
          <Button type="submit" form="invite" variant="primary" isPending={invite.isPending}>
            {t('settings.invite.send')}
          </Button>
        </>
      }
    >
      <Form id="invite" onSend={invite.mutate} error={invite.error} fields={['email']}>
        <TextField label={t('settings.invite.email')} name="email" type="email" isRequired autoFocus />
        <RadioGroup
          label={t('settings.invite.role')}
          value={role}
          onChange={(id) => setRole(id as GivenRole)}
          choices={roleChoices(false)}
        />
      </Form>
    </Dialog>
  )
}

function InvitedDialog({ invitation, onClose }: { invitation: Invitation; onClose: () => void }): ReactNode {
  const format = useFormat()
  const { email, url, mailed, expiresAt } = invitation
  return (
    <Dialog
      isOpen
      width="medium"
      title={t('settings.invite.done', { email })}
      onClose={onClose}
      footer={
        <Button variant="primary" onPress={onClose}>
          {t('settings.done')}
        </Button>
      }
    >
      {mailed ? (
        <Banner tone="success">{t('settings.invite.mailed')}</Banner>
      ) : (
        <p className="text-muted">{t('settings.invite.notMailed')}</p>
      )}
      <CopyField
        label={t('settings.link')}
        value={url}
        description={t('settings.invite.until', { day: format.date(expiresAt) })}
      />
    </Dialog>
  )
}
