/** Fields of a price change: a monthly fee, what calls cost beside it, and from which day. */
import type { ReactNode } from 'react'
import { t } from '../../i18n.tsx'
import { Button } from '../../ui/Button.tsx'
import { IconButton } from '../../ui/IconButton.tsx'
import { RadioGroup } from '../../ui/RadioGroup.tsx'
import { Select } from '../../ui/Select.tsx'
import { TextField } from '../../ui/TextField.tsx'
import { callText, type NetworkPlan } from '../prices/words.ts'
import { DayField, NetworkField, type QuestionProps } from './Fields.tsx'
import { amountOf, type UnitPrice } from './question.ts'

export function ChangeFields(props: QuestionProps): ReactNode {
  const { question, networks, change } = props
  const network = networks.find((one) => one.network === question.network)
  const currency = network?.currency ?? ''
  return (
    <>
      <div className="grid items-start gap-5 sm:grid-cols-2">
        <NetworkField {...props} />
        <DayField {...props} hint={t('whatIf.change.day.hint')} />
        <TextField
          label={t('whatIf.fee', { currency })}
          description={t('whatIf.fee.hint')}
          isOptional={!question.isIncluded}
          isRequired={question.isIncluded}
          inputMode="decimal"
          defaultValue={question.fee}
          onChange={(fee) => change({ fee })}
          validate={(fee) => (fee === '' ? null : wrongAmount(fee))}
        />
        <RadioGroup
          label={t('whatIf.calls')}
          value={question.isIncluded ? 'included' : 'same'}
          onChange={(id) => change({ isIncluded: id === 'included' })}
          choices={[
            { id: 'same', text: t('whatIf.calls.same') },
            { id: 'included', text: t('whatIf.calls.included') },
          ]}
        />
      </div>
      {network && <UnitPrices key={network.network} {...props} network={network} />}
    </>
  )
}

/** What people ask about first. */
const usual = 'post.create'

function wrongAmount(typed: string): string | null {
  return amountOf(typed) === null ? t('whatIf.amount.wrong') : null
}

function UnitPrices({ question, change, network }: QuestionProps & { network: NetworkPlan }): ReactNode {
  const { prices } = question
  const set = (id: number, part: Partial<UnitPrice>) =>
    change({ prices: prices.map((one) => (one.id === id ? { ...one, ...part } : one)) })
  const add = () => {
    const id = Math.max(0, ...prices.map((one) => one.id)) + 1
    const call = network.calls.find((one) => one === usual) ?? network.calls[0] ?? ''
    change({ prices: [...prices, { id, call, per: 'request', price: '' }] })
  }
  if (network.calls.length === 0) return null
  return (
    <fieldset className="flex flex-col gap-3">
      <legend className="mb-1.5 text-sm font-medium">{t('whatIf.units')}</legend>
      {prices.map(({ id, call, per, price }) => (
        <div
          key={id}
          className="grid items-start gap-3 rounded-lg border border-line p-3 sm:grid-cols-[2fr_2fr_1fr_auto]"
        >
          <Select
            label={t('whatIf.unit.call')}
            value={call}
            onChange={(chosen) => set(id, { call: chosen })}
            choices={network.calls.map((one) => ({ id: one, text: callText(one) }))}
          />
          <Select
            label={t('prices.field.unit')}
            value={per}
            onChange={(chosen) => set(id, { per: chosen === 'item' ? 'item' : 'request' })}
            choices={(['request', 'item'] as const).map((one) => ({ id: one, text: t(`prices.per.${one}`) }))}
          />
          <TextField
            label={t('prices.field.price', { currency: network.currency })}
            isRequired
            inputMode="decimal"
            defaultValue={price}
            onChange={(typed) => set(id, { price: typed })}
            validate={wrongAmount}
          />
          <span className="justify-self-end sm:pt-6">
            <IconButton
              icon="trash"
              label={t('whatIf.unit.remove', { call: callText(call) })}
              onPress={() => change({ prices: prices.filter((one) => one.id !== id) })}
            />
          </span>
        </div>
      ))}
      <div>
        <Button size="small" icon="plus" onPress={add}>
          {t('whatIf.unit.add')}
        </Button>
      </div>
    </fieldset>
  )
}
