/** Recording that a network's terms or prices were read again: when, which version, and whether they changed. */
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { client } from '../../api.ts'
import { t } from '../../i18n.tsx'
import { Button } from '../../ui/Button.tsx'
import { DateField } from '../../ui/DateTimeField.tsx'
import { Dialog } from '../../ui/Dialog.tsx'
import { Form } from '../../ui/Form.tsx'
import { RadioGroup } from '../../ui/RadioGroup.tsx'
import { TextField } from '../../ui/TextField.tsx'
import { toast } from '../../ui/toast.ts'
import { Sources, type Terms } from './TermsRead.tsx'

export function TermsDialog({ terms, onClose }: { terms: Terms; onClose: () => void }): ReactNode {
  const queries = useQueryClient()
  const { network, name, subject, version } = terms
  const [readOn, setReadOn] = useState(() => new Date().toISOString().slice(0, 10))
  const [hasChanged, setChanged] = useState(false)
  const save = useMutation({
    mutationFn: (values: Record<string, string>) =>
      client.terms.read({
        network,
        subject,
        readOn,
        hasChanged,
        version: values['version'] ?? '',
        note: values['note'] ?? '',
      }),
    onSuccess: async () => {
      await queries.invalidateQueries()
      toast.done(t('data.terms.saved'))
      onClose()
    },
  })
  return (
    <Dialog
      isOpen
      width="medium"
      title={t('data.terms.title', { what: t(`data.terms.${subject}`), network: name })}
      onClose={onClose}
      footer={
        <>
          <Button onPress={onClose}>{t('ui.cancel')}</Button>
          <Button type="submit" form="terms-reading" variant="primary" isPending={save.isPending}>
            {t('data.terms.save')}
          </Button>
        </>
      }
    >
      <p className="text-sm text-muted">{t(`data.terms.hint.${subject}`)}</p>
      <Sources terms={terms} />
      <Form id="terms-reading" onSend={save.mutate} error={save.error} fields={['version', 'note', 'readOn']}>
        <DateField
          label={t('data.terms.on')}
          value={readOn}
          onChange={(day) => day !== null && setReadOn(day)}
        />
        <RadioGroup
          label={t('data.terms.result')}
          value={hasChanged ? 'changed' : 'same'}
          onChange={(id) => setChanged(id === 'changed')}
          choices={[
            { id: 'same', text: t('data.terms.same'), detail: t('data.terms.same.hint') },
            { id: 'changed', text: t('data.terms.isChanged'), detail: t(`data.terms.changed.${subject}`) },
          ]}
        />
        <TextField
          name="version"
          label={t('data.terms.field')}
          description={t('data.terms.field.hint')}
          maxLength={60}
          isRequired={hasChanged}
          isOptional={!hasChanged}
          defaultValue={version}
        />
        <TextField name="note" label={t('data.terms.note')} maxLength={500} isOptional />
      </Form>
    </Dialog>
  )
}
