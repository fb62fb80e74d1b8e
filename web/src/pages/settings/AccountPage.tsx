/** The person's own account: name, language, theme, password. */
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { client } from '../../api.ts'
import { changePassword } from '../../auth.ts'
import { type Language, language, languages, t } from '../../i18n.tsx'
import { meQuery, useMe } from '../../session.ts'
import { changeLanguage } from '../../shell/change-language.ts'
import { setTheme, type Theme, themes, useTheme } from '../../theme.ts'
import { OwnData } from './OwnData.tsx'
import { Button } from '../../ui/Button.tsx'
import { Card } from '../../ui/Card.tsx'
import { Form } from '../../ui/Form.tsx'
import { NewPasswordField } from '../../ui/NewPasswordField.tsx'
import { RadioGroup } from '../../ui/RadioGroup.tsx'
import { PasswordField, TextField } from '../../ui/TextField.tsx'
import { toast } from '../../ui/toast.ts'

export function AccountPage(): ReactNode {
  return (
    <>
      <Person />
      <Display />
      <Password />
      <OwnData />
    </>
  )
}

function Person(): ReactNode {
  const { member } = useMe()
  const queries = useQueryClient()
  const save = useMutation({
    mutationFn: (values: Record<string, string>) =>
      client.account.change({ name: values['name'] ?? member.name }),
    onSuccess: (me) => {
      queries.setQueryData(meQuery().queryKey, me)
      toast.done(t('ui.saved'))
    },
  })
  return (
    <Card title={t('settings.account.person')}>
      <Form onSend={save.mutate} error={save.error} fields={['name']} className="max-w-md">
        <TextField
          label={t('settings.account.name')}
          name="name"
          isRequired
          maxLength={100}
          autoComplete="name"
          defaultValue={member.name}
        />
        <TextField
          label={t('settings.account.email')}
          value={member.email}
          isReadOnly
          description={t('settings.account.role', { role: t(`role.${member.role}`) })}
        />
        <Button type="submit" variant="primary" isPending={save.isPending} className="self-start">
          {t('ui.save')}
        </Button>
      </Form>
    </Card>
  )
}

function Display(): ReactNode {
  const theme = useTheme()
  return (
    <Card title={t('settings.account.display')}>
      <div className="flex max-w-2xl flex-col gap-5">
        <RadioGroup
          label={t('shell.language')}
          orientation="horizontal"
          value={language()}
          onChange={(id) => void changeLanguage(id as Language)}
          choices={languages.map(({ id, name }) => ({ id, text: name }))}
          description={t('settings.account.language.hint')}
        />
        <RadioGroup
          label={t('shell.theme')}
          orientation="horizontal"
          value={theme}
          onChange={(id) => setTheme(id as Theme)}
          choices={themes.map((id) => ({ id, text: t(`shell.theme.${id}`) }))}
          description={t('settings.account.theme.hint')}
        />
      </div>
    </Card>
  )
}

function Password(): ReactNode {
  const { member } = useMe()
  // A new form after each change, since what was typed must not stay.
  const [round, setRound] = useState(0)
  const change = useMutation({
    mutationFn: (values: Record<string, string>) =>
      changePassword(values['current'] ?? '', values['next'] ?? ''),
    onSuccess: () => {
      setRound((before) => before + 1)
      toast.done(t('settings.account.password.saved'))
    },
  })
  return (
    <Card title={t('settings.account.password')} description={t('settings.account.password.text')}>
      <div key={round}>
        <Form onSend={change.mutate} error={change.error} className="max-w-md">
          <input type="hidden" name="username" value={member.email} autoComplete="username" />
          <PasswordField
            label={t('settings.account.password.current')}
            name="current"
            isRequired
            autoComplete="current-password"
          />
          <NewPasswordField label={t('settings.account.password.next')} name="next" />
          <Button type="submit" variant="primary" isPending={change.isPending} className="self-start">
            {t('settings.account.password.send')}
          </Button>
        </Form>
      </div>
    </Card>
  )
}
