/** Name and time zone of the workspace. */
import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { api, client } from '../../api.ts'
import { t } from '../../i18n.tsx'
import { useMay, useMe } from '../../session.ts'
import { Button } from '../../ui/Button.tsx'
import { Card } from '../../ui/Card.tsx'
import { Form } from '../../ui/Form.tsx'
import { TextField } from '../../ui/TextField.tsx'
import { TimeZoneField } from '../../ui/TimeZoneField.tsx'
import { toast } from '../../ui/toast.ts'

export function WorkspacePage(): ReactNode {
  const { workspace } = useMe()
  const mayChange = useMay('admin')
  const queries = useQueryClient()
  const save = useMutation({
    mutationFn: (values: Record<string, string>) =>
      client.workspaces.change({
        id: workspace.id,
        name: values['name'] ?? workspace.name,
        timeZone: values['timeZone'] || workspace.timeZone,
      }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: api.account.show.key() })
      toast.done(t('ui.saved'))
    },
  })
  return (
    <Card
      title={t('settings.workspace.title')}
      description={mayChange ? t('settings.workspace.text') : t('settings.workspace.readOnly')}
    >
      <Form onSend={save.mutate} error={save.error} fields={['name', 'timeZone']} className="max-w-md">
        <TextField
          label={t('settings.workspace.name')}
          name="name"
          isRequired
          maxLength={100}
          defaultValue={workspace.name}
          isDisabled={!mayChange}
        />
        <TimeZoneField
          label={t('settings.workspace.timeZone')}
          name="timeZone"
          defaultValue={workspace.timeZone}
          isDisabled={!mayChange}
          description={t('settings.workspace.timeZone.hint')}
        />
        {mayChange && (
          <Button type="submit" variant="primary" isPending={save.isPending} className="self-start">
            {t('ui.save')}
          </Button>
        )}
      </Form>
    </Card>
  )
}
