/** Writing help: switched on or off, its server, model and key, and how much it was used. */
import { useMutation } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { api, type Client, client, type Output, queryClient } from '../../api.ts'
import { t } from '../../i18n.tsx'
import { asProblem } from '../../problems.ts'
import { Button } from '../../ui/Button.tsx'
import { Card } from '../../ui/Card.tsx'
import { Form } from '../../ui/Form.tsx'
import { ProblemBanner } from '../../ui/ProblemBanner.tsx'
import { Switch } from '../../ui/Switch.tsx'
import { PasswordField, TextField } from '../../ui/TextField.tsx'
import { toast } from '../../ui/toast.ts'

export type Ai = Output<Client['ai']['show']>
type Change = Parameters<Client['ai']['save']>[0]

export function HelpCard({ ai }: { ai: Ai }): ReactNode {
  const isWhole = ai.model !== '' && (ai.endpoint !== null || ai.hasOperatorServer)
  const toggle = useSave(({ isOn }) => t(isOn ? 'ai.help.switched.on' : 'ai.help.switched.off'))
  return (
    <Card title={t('ai.help.title')} description={t('ai.help.text')}>
      <div className="flex flex-col gap-6">
        <div className="flex flex-col gap-1.5">
          <Switch
            isSelected={ai.isOn}
            isDisabled={(!isWhole && !ai.isOn) || toggle.isPending}
            onChange={(isOn) => toggle.mutate({ isOn })}
          >
            {t('ai.help.on')}
          </Switch>
          {!isWhole && <p className="text-sm text-muted">{t('ai.help.incomplete')}</p>}
        </div>
        {toggle.error && <ProblemBanner problem={asProblem(toggle.error)} />}
        {/* Begins anew with what was saved, so that a key does not stay in its field. */}
        <Server key={[ai.endpoint, ai.model, ai.hasKey].join(' ')} ai={ai} />
        <p className="max-w-prose text-sm text-muted">
          {t('ai.limits')} {usesText(ai.uses)}
        </p>
      </div>
    </Card>
  )
}

function Server({ ai }: { ai: Ai }): ReactNode {
  const save = useSave(() => t('ai.saved'))
  const forget = useSave(() => t('ai.key.forgotten'))
  return (
    <Form
      error={save.error ?? forget.error}
      fields={['endpoint', 'model', 'apiKey']}
      onSend={(values) => save.mutate(changeOf(values))}
    >
      <div className="grid gap-5 sm:grid-cols-2">
        <TextField
          name="endpoint"
          label={t('ai.endpoint')}
          description={t(ai.hasOperatorServer ? 'ai.endpoint.operator' : 'ai.endpoint.hint')}
          inputMode="url"
          autoComplete="off"
          isRequired={!ai.hasOperatorServer}
          defaultValue={ai.endpoint ?? ''}
        />
        <TextField
          name="model"
          label={t('ai.model')}
          description={t('ai.model.hint')}
          autoComplete="off"
          isRequired
          defaultValue={ai.model}
        />
      </div>
      <PasswordField
        name="apiKey"
        label={t('ai.key')}
        description={t(ai.hasKey ? 'ai.key.kept' : 'ai.key.hint')}
        autoComplete="off"
        isOptional
      />
      <div className="flex flex-wrap gap-2.5">
        <Button type="submit" variant="primary" isPending={save.isPending}>
          {t('ai.save')}
        </Button>
        {ai.hasKey && (
          <Button isPending={forget.isPending} onPress={() => forget.mutate({ apiKey: null })}>
            {t('ai.key.forget')}
          </Button>
        )}
      </div>
    </Form>
  )
}

function changeOf({ endpoint = '', model = '', apiKey = '' }: Record<string, string>): Change {
  return {
    endpoint: endpoint.trim() === '' ? null : endpoint.trim(),
    model: model.trim(),
    ...(apiKey.trim() === '' ? {} : { apiKey: apiKey.trim() }),
  }
}

function useSave(said: (change: Change) => string) {
  return useMutation({
    mutationFn: (change: Change) => client.ai.save(change),
    onSuccess: (saved, change) => {
      queryClient.setQueryData(api.ai.show.queryKey(), saved)
      // The composer asks anew whether help is offered.
      void queryClient.invalidateQueries({ queryKey: api.ai.help.key() })
      toast.done(said(change))
    },
  })
}

function usesText(uses: Ai['uses']): string {
  const sum = (of: (use: Ai['uses'][number]) => number) => uses.reduce((total, use) => total + of(use), 0)
  return t('ai.uses', {
    count: sum(({ requests }) => requests),
    failed: sum(({ failed }) => failed),
  })
}
