/** When the post goes out: at once, or at a time on the workspace's clock. */
import type { ReactNode } from 'react'
import { useFormat } from '../../format.ts'
import { t } from '../../i18n.tsx'
import type { Problem } from '../../problems.ts'
import { DateTimeField } from '../../ui/DateTimeField.tsx'
import { RadioGroup } from '../../ui/RadioGroup.tsx'
import { nextFullHour, wallTime } from '../../wall-time.ts'

type Props = {
  at: string | null
  /** Why the chosen time is none. */
  problem: Problem | null
  onChange: (at: string | null) => void
}

export function SchedulePanel({ at, problem, onChange }: Props): ReactNode {
  const { timeZone } = useFormat()
  const now = new Date()
  return (
    <section className="flex flex-col gap-4 rounded-xl border border-line bg-surface p-4 shadow-low sm:p-5">
      <RadioGroup
        label={t('compose.when.label')}
        orientation="horizontal"
        value={at === null ? 'now' : 'later'}
        onChange={(choice) => onChange(choice === 'now' ? null : nextFullHour(now, timeZone))}
        choices={[
          { id: 'now', text: t('compose.when.now') },
          { id: 'later', text: t('compose.when.later') },
        ]}
      />
      {at !== null && (
        <div className="max-w-xs">
          <DateTimeField
            label={t('compose.when.at')}
            value={at}
            minDay={wallTime(now, timeZone).slice(0, 10)}
            onChange={(value) => value !== null && onChange(value)}
            isInvalid={problem !== null}
            description={
              problem === null ? (
                t('compose.when.zone', { zone: timeZone.replaceAll('_', ' ') })
              ) : (
                <span className="text-danger">{`${problem.title}. ${problem.remedy}`}</span>
              )
            }
          />
        </div>
      )}
    </section>
  )
}
