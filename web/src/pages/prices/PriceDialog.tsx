/** A price of one's own: a new one, or one in the place of a shipped one. */
import { useMutation } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { api, client, queryClient } from '../../api.ts'
import { t } from '../../i18n.tsx'
import { Button } from '../../ui/Button.tsx'
import { Checkbox, CheckboxGroup } from '../../ui/Checkbox.tsx'
import { Dialog } from '../../ui/Dialog.tsx'
import { Form } from '../../ui/Form.tsx'
import { Select } from '../../ui/Select.tsx'
import { TextField } from '../../ui/TextField.tsx'
import { toast } from '../../ui/toast.ts'
import { type Draft, draftOf, entryOf, isUnitWithCalls, type Tristate, units } from './draft.ts'
import { callText, type NetworkPlan, type Price } from './words.ts'

type Props = { plan: NetworkPlan; price: Price | null; onClose: () => void }

export function PriceDialog({ plan, price, onClose }: Props): ReactNode {
  const [draft, setDraft] = useState(() => draftOf(plan, price))
  const change = (part: Partial<Draft>) => setDraft((before) => ({ ...before, ...part }))
  const save = useMutation({
    mutationFn: (values: Record<string, string>) =>
      client.prices.set({ network: plan.network, entry: entryOf(draft, values) }),
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: api.prices.key() })
      toast.done(t('prices.saved'))
      onClose()
    },
  })
  const isReplacing = price !== null && price.origin === 'shipped'
  return (
    <Dialog
      isOpen
      width="medium"
      title={t(
        price === null ? 'prices.new.title' : isReplacing ? 'prices.replace.title' : 'prices.edit.title',
      )}
      onClose={onClose}
      footer={
        <>
          <Button onPress={onClose}>{t('ui.cancel')}</Button>
          <Button type="submit" form="price-form" variant="primary" isPending={save.isPending}>
            {t('prices.save')}
          </Button>
        </>
      }
    >
      {isReplacing && <p className="text-muted">{t('prices.replace.text')}</p>}
      <Form
        id="price-form"
        error={save.error}
        fields={['entry.price', 'entry.from', 'entry.to', 'entry.source', 'entry.readOn', 'entry.note']}
        onSend={(values) => save.mutate(values)}
      >
        <Subject plan={plan} draft={draft} change={change} />
        <Amount plan={plan} draft={draft} change={change} />
        {isUnitWithCalls(draft.unit) && <Conditions draft={draft} change={change} />}
        <div className="grid gap-5 sm:grid-cols-2">
          <DayField name="from" value={draft.from} isOptional />
          <DayField name="to" value={draft.to} isOptional />
        </div>
        <TextField
          name="entry.source"
          label={t('prices.field.source')}
          description={t('prices.field.source.hint')}
          isRequired
          maxLength={500}
          defaultValue={draft.source}
        />
        <DayField name="readOn" value={draft.readOn} />
        <TextField
          name="entry.note"
          label={t('prices.field.note')}
          isOptional
          maxLength={500}
          defaultValue={draft.note}
        />
      </Form>
    </Dialog>
  )
}

type PartProps = { draft: Draft; change: (part: Partial<Draft>) => void }

function Subject({ plan, draft, change }: PartProps & { plan: NetworkPlan }): ReactNode {
  return (
    <>
      <div className="grid gap-5 sm:grid-cols-2">
        <Select
          label={t('prices.field.plan')}
          value={draft.plan}
          onChange={(id) => change({ plan: id })}
          choices={plan.plans.map(({ id, name }) => ({ id, text: name }))}
        />
        <Select
          label={t('prices.field.unit')}
          value={draft.unit}
          onChange={(id) => change({ unit: units.find((unit) => unit === id) ?? 'request' })}
          choices={units.map((unit) => ({ id: unit, text: t(`prices.per.${unit}`) }))}
        />
      </div>
      {isUnitWithCalls(draft.unit) && (
        <CheckboxGroup
          label={t('prices.field.calls')}
          value={draft.calls}
          onChange={(calls) => change({ calls })}
          isRequired
        >
          <div className="grid max-h-56 gap-x-4 gap-y-2 overflow-auto rounded-lg border border-line p-3 sm:grid-cols-2">
            {plan.calls.map((call) => (
              <Checkbox key={call} value={call}>
                <span className="inline-block first-letter:uppercase">{callText(call)}</span>
              </Checkbox>
            ))}
          </div>
        </CheckboxGroup>
      )}
    </>
  )
}

function Amount({ plan, draft, change }: PartProps & { plan: NetworkPlan }): ReactNode {
  return (
    <div className="flex flex-col gap-2.5">
      <TextField
        name="entry.price"
        label={t('prices.field.price', { currency: plan.currency })}
        description={t('prices.field.price.hint')}
        inputMode="decimal"
        isRequired={!draft.isUnknown}
        isDisabled={draft.isUnknown}
        defaultValue={draft.price}
      />
      <Checkbox isSelected={draft.isUnknown} onChange={(isUnknown) => change({ isUnknown })}>
        {t('prices.field.unknown')}
      </Checkbox>
    </div>
  )
}

function Conditions({ draft, change }: PartProps): ReactNode {
  const choices = (name: 'hasLink' | 'isOwned' | 'isSummoned') => [
    { id: 'any', text: t('prices.when.any') },
    { id: 'yes', text: t(`prices.when.${name}.yes`) },
    { id: 'no', text: t(`prices.when.${name}.no`) },
  ]
  const choose = (id: string): Tristate => (id === 'yes' || id === 'no' ? id : 'any')
  return (
    <>
      <div className="grid gap-5 sm:grid-cols-3">
        {(['hasLink', 'isOwned', 'isSummoned'] as const).map((name) => (
          <Select
            key={name}
            label={t(`prices.field.${name}`)}
            value={draft[name]}
            onChange={(id) => change({ [name]: choose(id) })}
            choices={choices(name)}
          />
        ))}
      </div>
      {draft.unit === 'item' && (
        <Checkbox isSelected={draft.isDeduped} onChange={(isDeduped) => change({ isDeduped })}>
          {t('prices.field.dedupe')}
        </Checkbox>
      )}
    </>
  )
}

/** A UTC day of the book, typed or picked as the browser does it. */
function DayField({
  name,
  value,
  isOptional = false,
}: {
  name: 'from' | 'to' | 'readOn'
  value: string
  isOptional?: boolean
}): ReactNode {
  return (
    <TextField
      name={`entry.${name}`}
      type="date"
      label={t(`prices.field.${name}`)}
      isOptional={isOptional}
      isRequired={!isOptional}
      defaultValue={value}
    />
  )
}
