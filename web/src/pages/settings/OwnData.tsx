/** The person's own data: all of it as a file, and its end. */
import { useMutation } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { client } from '../../api.ts'
import { t } from '../../i18n.tsx'
import { saveJson } from '../../save-file.ts'
import { useMe } from '../../session.ts'
import { Button } from '../../ui/Button.tsx'
import { Card } from '../../ui/Card.tsx'
import { Dialog } from '../../ui/Dialog.tsx'
import { Form } from '../../ui/Form.tsx'
import { TextField } from '../../ui/TextField.tsx'
import { toast } from '../../ui/toast.ts'

export function OwnData(): ReactNode {
  const [isErasing, setErasing] = useState(false)
  const download = useMutation({
    mutationFn: () => client.account.data(),
    onSuccess: (data) => saveJson('litfass-my-data.json', data),
    onError: toast.failed,
  })
  return (
    <Card title={t('settings.account.data')} description={t('settings.account.data.text')}>
      <div className="flex flex-wrap gap-2">
        <Button icon="download" onPress={() => download.mutate()} isPending={download.isPending}>
          {t('settings.account.data.download')}
        </Button>
        <Button variant="danger" onPress={() => setErasing(true)}>
          {t('settings.account.erase')}
        </Button>
      </div>
      {isErasing && <EraseDialog onClose={() => setErasing(false)} />}
    </Card>
  )
}

function EraseDialog({ onClose }: { onClose: () => void }): ReactNode {
  const { member } = useMe()
  const erase = useMutation({
    mutationFn: (values: Record<string, string>) => client.account.erase({ email: values['email'] ?? '' }),
    // The session is gone with the person, so everything is loaded anew.
    onSuccess: () => location.assign('/sign-in'),
  })
  return (
    <Dialog
      role="alertdialog"
      isOpen
      title={t('settings.account.erase.title')}
      onClose={onClose}
      footer={
        <>
          <Button onPress={onClose}>{t('ui.cancel')}</Button>
          <Button type="submit" form="erase" variant="danger" isPending={erase.isPending}>
            {t('settings.account.erase.send')}
          </Button>
        </>
      }
    >
      <p className="text-muted">{t('settings.account.erase.text')}</p>
      <Form id="erase" onSend={erase.mutate} error={erase.error} fields={['email']}>
        <TextField
          label={t('settings.account.erase.email')}
          name="email"
          type="email"
          isRequired
          autoComplete="off"
          placeholder={member.email}
        />
      </Form>
    </Dialog>
  )
}
