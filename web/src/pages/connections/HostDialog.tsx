/** Asking at which server an account lives, before its consent page can be shown. */
import type { ReactNode } from 'react'
import { t } from '../../i18n.tsx'
import { Button } from '../../ui/Button.tsx'
import { Dialog } from '../../ui/Dialog.tsx'
import { Form } from '../../ui/Form.tsx'
import { TextField } from '../../ui/TextField.tsx'
import { useConsent } from './consent.ts'
import { FoldedGuide } from './Guide.tsx'
import type { Login } from './types.ts'

type Props = { network: string; login: Login; onClose: () => void }

export function HostDialog({ network, login, onClose }: Props): ReactNode {
  const consent = useConsent()
  return (
    <Dialog
      title={t('connections.signIn.title', { name: login.name })}
      isOpen
      onClose={onClose}
      width="medium"
      footer={
        <>
          <Button onPress={onClose}>{t('ui.cancel')}</Button>
          <Button type="submit" form="host-form" variant="primary" isPending={consent.isPending}>
            {t('connections.host.send')}
          </Button>
        </>
      }
    >
      <Form
        id="host-form"
        fields={['host']}
        error={consent.error}
        onSend={({ host = '' }) => consent.mutate({ login: login.id, sandbox: false, host })}
      >
        <TextField
          name="host"
          label={t('connections.field.server')}
          description={t('connections.host.help', { name: login.name })}
          isRequired
          autoFocus
          autoComplete="off"
        />
      </Form>
      <FoldedGuide network={network} />
    </Dialog>
  )
}
