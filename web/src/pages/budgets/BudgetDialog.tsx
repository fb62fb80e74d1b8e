/** Sets a budget or changes one. What it is for is chosen once: what was used of it would be another's. */
import { useMutation, useQuery } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { api, client, queryClient } from '../../api.ts'
import { t } from '../../i18n.tsx'
import { Button } from '../../ui/Button.tsx'
import { Dialog } from '../../ui/Dialog.tsx'
import { Form } from '../../ui/Form.tsx'
import { RadioGroup } from '../../ui/RadioGroup.tsx'
import { Select } from '../../ui/Select.tsx'
import { TextField } from '../../ui/TextField.tsx'
import { toast } from '../../ui/toast.ts'
import { type Budget, type Purpose, purposes } from './words.ts'

type Scope = { network: string | null; connectionId: string | null; purpose: Purpose | null }
type Period = Budget['period']
type Props = { budget: Budget | null; onClose: () => void }

export function BudgetDialog({ budget, onClose }: Props): ReactNode {
  const [scope, setScope] = useState<Scope>({ network: null, connectionId: null, purpose: null })
  const [period, setPeriod] = useState<Period>('month')
  const [isHard, setHard] = useState(budget?.isHard ?? true)
  const { currency } = budget?.amount ?? { currency: 'USD' }
  const purpose = budget ? budget.purpose : scope.purpose
  const save = useMutation({
    mutationFn: (values: Record<string, string>) => {
      const terms = { ...termsOf(values), isHard }
      return budget
        ? client.budgets.change({ id: budget.id, ...terms })
        : client.budgets.create({ ...scope, period, ...terms })
    },
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: api.budgets.key() })
      toast.done(t('budgets.saved'))
      onClose()
    },
  })
  return (
    <Dialog
      isOpen
      width="medium"
      title={t(budget ? 'budgets.edit' : 'budgets.new')}
      onClose={onClose}
      footer={
        <>
          <Button onPress={onClose}>{t('ui.cancel')}</Button>
          <Button type="submit" form="budget-form" variant="primary" isPending={save.isPending}>
            {t('budgets.save')}
          </Button>
        </>
      }
    >
      <Form
        id="budget-form"
        error={save.error}
        fields={['amount', 'alerts', 'protectedPercent']}
        onSend={(values) => save.mutate(values)}
      >
        {budget === null && <ScopeFields scope={scope} onChange={setScope} />}
        <div className="grid gap-5 sm:grid-cols-2">
          <TextField
            name="amount"
            label={t('budgets.field.amount', { currency })}
            inputMode="decimal"
            isRequired
            defaultValue={budget ? String(Number(budget.amount.amount)) : ''}
          />
          {budget === null && (
            <Select
              label={t('budgets.field.period')}
              value={period}
              onChange={(id) => setPeriod(id === 'day' ? 'day' : 'month')}
              choices={(['month', 'day'] as const).map((id) => ({ id, text: t(`budgets.period.${id}`) }))}
              description={t('budgets.field.period.hint')}
            />
          )}
        </div>
        <RadioGroup
          label={t('budgets.field.isHard')}
          value={isHard ? 'hard' : 'soft'}
          onChange={(id) => setHard(id === 'hard')}
          choices={(['hard', 'soft'] as const).map((id) => ({
            id,
            text: t(`budgets.isHard.${id}`),
            detail: t(`budgets.isHard.${id}.text`),
          }))}
        />
        {isHard && purpose === null && (
          <TextField
            name="protectedPercent"
            label={t('budgets.field.protected')}
            description={t('budgets.field.protected.hint')}
            inputMode="numeric"
            isRequired
            pattern="\d{1,2}|100"
            defaultValue={String(budget?.protectedPercent ?? 20)}
          />
        )}
        <TextField
          name="alerts"
          label={t('budgets.field.alerts')}
          description={t('budgets.field.alerts.hint')}
          inputMode="text"
          pattern="\s*(\d{1,3}\s*([,;]\s*|\s+|$))*"
          defaultValue={(budget?.alerts ?? [50, 80, 100]).join(', ')}
        />
      </Form>
    </Dialog>
  )
}

/** An amount is written with a comma in German, and sent with a point. */
function termsOf(values: Record<string, string>) {
  const { amount = '', alerts = '', protectedPercent } = values
  return {
    amount: amount.trim().replace(',', '.'),
    alerts: alerts
      .split(/[^\d]+/)
      .filter(Boolean)
      .map(Number),
    ...(protectedPercent === undefined ? {} : { protectedPercent: Number(protectedPercent) }),
  }
}

const any = 'any'

function ScopeFields({ scope, onChange }: { scope: Scope; onChange: (scope: Scope) => void }): ReactNode {
  const networks = useQuery(api.networks.list.queryOptions({ staleTime: 300_000 }))
  const connections = useQuery(api.connections.list.queryOptions({ input: {} }))
  const accounts = connections.data?.items.filter(({ network }) => network === scope.network) ?? []
  const orNull = (id: string) => (id === any ? null : id)
  return (
    <>
      <div className="grid gap-5 sm:grid-cols-2">
        <Select
          label={t('budgets.field.network')}
          value={scope.network ?? any}
          onChange={(id) => onChange({ ...scope, network: orNull(id), connectionId: null })}
          choices={[
            { id: any, text: t('budgets.scope.all') },
            ...(networks.data?.items ?? []).map(({ id, name }) => ({ id, text: name })),
          ]}
        />
        <Select
          label={t('budgets.field.purpose')}
          value={scope.purpose ?? any}
          onChange={(id) => onChange({ ...scope, purpose: purposes.find((one) => one === id) ?? null })}
          choices={[
            { id: any, text: t('budgets.purpose.any') },
            ...purposes.map((id) => ({ id, text: t(`budgets.purpose.${id}`) })),
          ]}
        />
      </div>
      {accounts.length > 1 && (
        <Select
          label={t('budgets.field.connection')}
          value={scope.connectionId ?? any}
          onChange={(id) => onChange({ ...scope, connectionId: orNull(id) })}
          choices={[
            { id: any, text: t('budgets.connection.any') },
            ...accounts.map(({ id, name }) => ({ id, text: name })),
          ]}
        />
      )}
    </>
  )
}
