/** Signing in at a network without a consent page: what it needs is typed here. */
import { useMutation } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { api, client, queryClient } from '../../api.ts'
import { hasText, t } from '../../i18n.tsx'
import { Button } from '../../ui/Button.tsx'
import { Dialog } from '../../ui/Dialog.tsx'
import { Form } from '../../ui/Form.tsx'
import { PasswordField, TextField } from '../../ui/TextField.tsx'
import { FoldedGuide } from './Guide.tsx'
import type { Login } from './types.ts'

type Field = Login['fields'][number]
type Props = { network: string; login: Login; isSandbox: boolean; onClose: () => void }

/** Issues name fields so, and a field shows the issues of its name. */
const prefix = 'fields.'

export function SignInDialog({ network, login, isSandbox, onClose }: Props): ReactNode {
  const navigate = useNavigate()
  const fields = isSandbox ? login.fields.filter((field) => field.sandboxValue !== undefined) : login.fields
  const signIn = useMutation({
    mutationFn: (values: Record<string, string>) =>
      client.connections.signIn({
        login: login.id,
        sandbox: isSandbox,
        fields: Object.fromEntries(
          Object.entries(values).map(([name, value]) => [name.slice(prefix.length), value]),
        ),
      }),
    onSuccess: async ({ connection }) => {
      await queryClient.invalidateQueries({ queryKey: api.channels.key() })
      await queryClient.invalidateQueries({ queryKey: api.connections.key() })
      onClose()
      await navigate({ to: '/connections', search: { added: connection.id } })
    },
  })
  return (
    <Dialog
      title={t(isSandbox ? 'connections.signIn.sandbox' : 'connections.signIn.title', { name: login.name })}
      isOpen
      onClose={onClose}
      width="medium"
      footer={
        <>
          <Button onPress={onClose}>{t('ui.cancel')}</Button>
          <Button type="submit" form="sign-in-form" variant="primary" isPending={signIn.isPending}>
            {t('connections.signIn.send')}
          </Button>
        </>
      }
    >
      <Form
        id="sign-in-form"
        fields={fields.map(({ key }) => `${prefix}${key}`)}
        error={signIn.error}
        onSend={(values) => signIn.mutate(values)}
      >
        {fields.map((field, index) => (
          <FormField key={field.key} field={field} isSandbox={isSandbox} isFirst={index === 0} />
        ))}
      </Form>
      {!isSandbox && <FoldedGuide network={network} />}
    </Dialog>
  )
}

type FieldProps = { field: Field; isSandbox: boolean; isFirst: boolean }

/** A network may bring a field nobody has translated; its own words are English. */
function FormField({ field, isSandbox, isFirst }: FieldProps): ReactNode {
  const { key, isRequired, isSecret, sandboxValue } = field
  const label = `connections.field.${key}`
  const help = `connections.fieldHelp.${key}`
  const Control = isSecret ? PasswordField : TextField
  return (
    <Control
      name={`${prefix}${key}`}
      label={hasText(label) ? t(label) : field.label}
      description={hasText(help) ? t(help) : field.help}
      isRequired={isRequired}
      isOptional={!isRequired}
      autoComplete="off"
      autoFocus={isFirst}
      defaultValue={isSandbox ? (sandboxValue ?? '') : ''}
    />
  )
}
