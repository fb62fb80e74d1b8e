/** Fields of a price change: a monthly fee, what calls cost beside it, and from which day. */
import { lazy, type ReactNode, Suspense } from 'react'
import { t } from '../../i18n.tsx'
import { Button } from '../../ui/Button.tsx'
import { Select } from '../../ui/Select.tsx'
import { Skeleton } from '../../ui/Skeleton.tsx'
import { TextField } from '../../ui/TextField.tsx'
import type { NetworkPlan } from '../prices/words.ts'
import { DayField, NetworkField, type QuestionProps } from './Fields.tsx'
import { wrongAmount } from './words.ts'

// Few ask about single calls.
const UnitPriceRows = lazy(async () => ({ default: (await import('./UnitPriceRows.tsx')).UnitPriceRows }))

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
        <Select
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

function UnitPrices({ question, change, network }: QuestionProps & { network: NetworkPlan }): ReactNode {
  const { prices } = question
  const add = () => {
    const id = Math.max(0, ...prices.map((one) => one.id)) + 1
    const call = network.calls.find((one) => one === usual) ?? network.calls[0] ?? ''
    change({ prices: [...prices, { id, call, per: 'request', price: '' }] })
  }
  if (network.calls.length === 0) return null
  return (
    <fieldset className="flex flex-col gap-3">
      <legend className="mb-1.5 text-sm font-medium">{t('whatIf.units')}</legend>
      {prices.length > 0 && (
        <Suspense fallback={<Skeleton className="h-20" />}>
          <UnitPriceRows
            prices={prices}
            network={network}
            onChange={(changed) => change({ prices: changed })}
          />
        </Suspense>
      )}
      <div>
        <Button size="small" icon="plus" onPress={add}>
          {t('whatIf.unit.add')}
        </Button>
      </div>
    </fieldset>
  )
}
