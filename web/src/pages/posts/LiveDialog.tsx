/** "It is live": the person found the post on the network and gives its address. */
import type { ReactNode } from 'react'
import { t } from '../../i18n.tsx'
import { asProblem } from '../../problems.ts'
import { Button } from '../../ui/Button.tsx'
import { Dialog } from '../../ui/Dialog.tsx'
import { Form } from '../../ui/Form.tsx'
import { TextField } from '../../ui/TextField.tsx'

type Props = {
  onClose: () => void
  onSend: (url: string) => void
  isPending: boolean
  error: unknown
}

export function LiveDialog({ onClose, onSend, isPending, error }: Props): ReactNode {
  return (
    <Dialog
      title={t('posts.delivery.ask.live.title')}
      isOpen
      onClose={onClose}
      footer={
        <>
          <Button onPress={onClose}>{t('ui.cancel')}</Button>
          <Button type="submit" form="live-form" variant="primary" isPending={isPending}>
            {t('posts.delivery.action.live')}
          </Button>
        </>
      }
    >
      <Form
        id="live-form"
        fields={['resolution.url']}
        onSend={(values) => onSend(values['resolution.url'] ?? '')}
        error={error == null ? undefined : asProblem(error)}
      >
        <p className="text-muted">{t('posts.delivery.ask.live.text')}</p>
        <TextField
          label={t('posts.delivery.ask.live.url')}
          name="resolution.url"
          inputMode="url"
          isRequired
          validate={(value) => (/^https?:\/\/\S+$/.test(value.trim()) ? true : t('ui.field.url'))}
          placeholder="https://"
        />
      </Form>
    </Dialog>
  )
}
