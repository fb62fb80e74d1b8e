/** A time to report on: a usual one, or one's own by its first and last day. */
import type { ReactNode } from 'react'
import { t } from '../i18n.tsx'
import { isDay, type PeriodSearch, presets } from '../period.ts'
import { Select } from './Select.tsx'
import { TextField } from './TextField.tsx'

type Props = { period: PeriodSearch; onChange: (period: PeriodSearch) => void }

export function PeriodPicker({ period: { period = 'last30', from, to }, onChange }: Props): ReactNode {
  const isTurned = from !== undefined && to !== undefined && to < from
  return (
    <>
      <Select
        label={t('ui.period')}
        value={period}
        onChange={(id) => {
          const preset = presets.find((one) => one === id)
          if (preset === 'own') onChange({ period: preset, ...(from ? { from } : {}), ...(to ? { to } : {}) })
          else onChange(preset === undefined || preset === 'last30' ? {} : { period: preset })
        }}
        choices={presets.map((id) => ({ id, text: t(`ui.period.${id}`) }))}
      />
      {period === 'own' && (
        <>
          <Day
            label={t('ui.period.from')}
            value={from}
            onChange={(day) => onChange({ period, ...day('from'), ...(to ? { to } : {}) })}
          />
          <Day
            label={t('ui.period.to')}
            value={to}
            {...(isTurned ? { problem: t('ui.period.turned') } : {})}
            onChange={(day) => onChange({ period, ...(from ? { from } : {}), ...day('to') })}
          />
        </>
      )}
    </>
  )
}

type DayProps = {
  label: string
  value: string | undefined
  problem?: string
  onChange: (day: (name: 'from' | 'to') => PeriodSearch) => void
}

/** What is only half typed is no day yet. */
function Day({ label, value, problem, onChange }: DayProps): ReactNode {
  return (
    <TextField
      type="date"
      label={label}
      isRequired
      isInvalid={problem !== undefined}
      {...(problem === undefined ? {} : { description: problem })}
      defaultValue={value ?? ''}
      onChange={(day) => onChange((name) => (isDay(day) ? { [name]: day } : {}))}
    />
  )
}
