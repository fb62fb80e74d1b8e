/** Asking who wants to sign in, or at which server, before the consent page of the right one can be shown. */
import type { ReactNode } from 'react'
import { t } from '../../i18n.tsx'
import { Button } from '../../ui/Button.tsx'
import { Dialog } from '../../ui/Dialog.tsx'
import { Form } from '../../ui/Form.tsx'
import { TextField } from '../../ui/TextField.tsx'
import { useConsent } from './consent.ts'
import { FoldedGuide } from './Guide.tsx'
import type { Login } from './types.ts'

/** `account`: who signed in before. */
type Props = { network: string; login: Login; account?: string; onClose: () => void }

/** Whether something has to be asked before a consent; the simulator is one server, and shows its accounts itself. */
export function asksBefore(login: Login, isSandbox: boolean): boolean {
  return (login.needsHost || login.asksAccount) && !isSandbox
}

export function HostDialog({ network, login, account = '', onClose }: Props): ReactNode {
  const consent = useConsent()
  const name = login.needsHost ? 'host' : 'account'
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
        fields={[name]}
        error={consent.error}
        onSend={({ [name]: typed = '' }) =>
          consent.mutate({ login: login.id, sandbox: false, ...(typed === '' ? {} : { [name]: typed }) })
        }
      >
        <TextField
          name={name}
          label={t(login.needsHost ? 'connections.field.server' : 'connections.field.account')}
          description={t(`connections.${name}.help`, { name: login.name })}
          isRequired={login.needsHost}
          isOptional={!login.needsHost}
          autoFocus
          autoComplete="off"
          defaultValue={account}
        />
      </Form>
      <FoldedGuide network={network} />
    </Dialog>
  )
}
