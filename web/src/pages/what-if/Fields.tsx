/** Fields of the simpler questions: another plan, another day, a file of prices. */
import type { ReactNode } from 'react'
import { useFormat } from '../../format.ts'
import { t } from '../../i18n.tsx'
import { Select } from '../../ui/Select.tsx'
import { TextField } from '../../ui/TextField.tsx'
import { dayText } from '../ledger/words.ts'
import type { Book, NetworkPlan } from '../prices/words.ts'
import { dayHeld, otherPlan, type Question } from './question.ts'

export type QuestionProps = {
  question: Question
  book: Book
  networks: readonly NetworkPlan[]
  change: (part: Partial<Question>) => void
}

export function NetworkField({ question, networks, change }: QuestionProps): ReactNode {
  return (
    <Select
      label={t('prices.network')}
      value={question.network}
      onChange={(id) =>
        change({ network: id, prices: [], plan: otherPlan(networks.find(({ network }) => network === id)) })
      }
      choices={networks.map(({ network, name }) => ({ id: network, text: name }))}
    />
  )
}

export function DayField({ question, change, hint }: QuestionProps & { hint: string }): ReactNode {
  return (
    <TextField
      type="date"
      label={t('whatIf.day')}
      description={hint}
      isRequired
      defaultValue={question.day}
      onChange={(day) => change({ day })}
    />
  )
}

export function PlanFields(props: QuestionProps): ReactNode {
  const { question, book, networks, change } = props
  const { money } = useFormat()
  const held = dayHeld(question.network, question.plan, book)
  const plans = networks.find(({ network }) => network === question.network)?.plans ?? []
  return (
    <div className="grid items-start gap-5 sm:grid-cols-2">
      <NetworkField {...props} networks={networks.filter((one) => one.plans.length > 1)} />
      <Select
        label={t('prices.field.plan')}
        value={question.plan}
        onChange={(plan) => change({ plan })}
        {...(held === null ? {} : { description: t('whatIf.plan.held', { day: dayText(held) }) })}
        choices={plans.map(({ id, name, monthlyFee }) => ({
          id,
          text: name,
          ...(monthlyFee === null ? {} : { detail: t('whatIf.fee.of', { fee: money(monthlyFee) }) }),
        }))}
      />
    </div>
  )
}

export function DayFields(props: QuestionProps): ReactNode {
  return (
    <div className="grid items-start gap-5 sm:grid-cols-2">
      <DayField {...props} hint={t('whatIf.day.hint')} />
    </div>
  )
}

export function FileFields(props: QuestionProps): ReactNode {
  const { change } = props
  const read = async (file: File) => change({ file: { name: file.name, text: await file.text() } })
  return (
    <div className="grid items-start gap-5 sm:grid-cols-2">
      <label className="flex flex-col gap-1.5">
        <span className="text-sm font-medium">{t('whatIf.file')}</span>
        <input
          type="file"
          accept="application/json,.json"
          onChange={({ target }) => target.files?.[0] && void read(target.files[0])}
          className="control w-full px-3 py-2 text-sm file:mr-3 file:rounded-md file:border-0 file:bg-sunken file:px-3 file:py-1 file:text-ink"
        />
        <span className="text-sm text-muted">{t('whatIf.file.hint')}</span>
      </label>
      <DayField {...props} hint={t('whatIf.day.hint')} />
    </div>
  )
}
