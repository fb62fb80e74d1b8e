/** Supposed prices of single calls, a row each. */
import type { ReactNode } from 'react'
import { t } from '../../i18n.tsx'
import { IconButton } from '../../ui/IconButton.tsx'
import { Select } from '../../ui/Select.tsx'
import { TextField } from '../../ui/TextField.tsx'
import { callText, type NetworkPlan } from '../prices/words.ts'
import type { UnitPrice } from './question.ts'
import { wrongAmount } from './words.ts'

type Props = {
  prices: readonly UnitPrice[]
  network: NetworkPlan
  onChange: (prices: UnitPrice[]) => void
}

export function UnitPriceRows({ prices, network, onChange }: Props): ReactNode {
  const set = (id: number, part: Partial<UnitPrice>) =>
    onChange(prices.map((one) => (one.id === id ? { ...one, ...part } : one)))
  return (
    <>
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
              onPress={() => onChange(prices.filter((one) => one.id !== id))}
            />
          </span>
        </div>
      ))}
    </>
  )
}
