/** What an app was used for: a table where there is room, a list of cards on a phone. */
import type { ReactNode } from 'react'
import { type Format, useFormat } from '../../format.ts'
import { t } from '../../i18n.tsx'
import { useIsWide } from '../../ui/useIsWide.ts'
import { callText } from '../prices/words.ts'
import { actorText, dataText, purposeText, type Use } from './words.ts'

type Props = { uses: readonly Use[]; label: string }

export function Uses(props: Props): ReactNode {
  const isWide = useIsWide()
  return isWide ? <Table {...props} /> : <Cards {...props} />
}

const keyOf = ({ purpose, endpointClass, dataClass, actor, termsVersion }: Use) =>
  [purpose, endpointClass, dataClass, actor, termsVersion].join(' ')

function Table({ uses, label }: Props): ReactNode {
  const format = useFormat()
  const head = 'px-3 py-2 font-medium first:pl-4 last:pr-4'
  const cell = 'px-3 py-2 align-top first:pl-4 last:pr-4'
  const figure = `${cell} text-right tabular-nums`
  return (
    <div className="overflow-x-auto">
      <table className="w-full border-collapse text-left text-sm" aria-label={label}>
        <thead className="border-b border-line text-xs text-muted">
          <tr>
            {(['purpose', 'call', 'data', 'by'] as const).map((name) => (
              <th key={name} scope="col" className={head}>
                {t(`ledger.use.${name}`)}
              </th>
            ))}
            {(['calls', 'items', 'failed', 'cost'] as const).map((name) => (
              <th key={name} scope="col" className={`${head} text-right`}>
                {t(`ledger.use.${name}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="divide-y divide-line">
          {uses.map((use) => (
            <tr key={keyOf(use)}>
              <th scope="row" className={`${cell} font-normal first-letter:uppercase`}>
                {purposeText(use.purpose)}
              </th>
              <td className={cell}>{callText(use.endpointClass)}</td>
              <td className={cell}>{dataText(use.dataClass)}</td>
              <td className={cell}>{actorText(use.actor, [])}</td>
              <td className={figure}>{format.number(use.calls)}</td>
              <td className={figure}>{format.number(use.items)}</td>
              <td className={figure}>{format.number(use.failed + use.unanswered)}</td>
              <td className={figure}>{costText(use, format)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Cards({ uses, label }: Props): ReactNode {
  const format = useFormat()
  return (
    <ul className="divide-y divide-line text-sm" aria-label={label}>
      {uses.map((use) => (
        <li key={keyOf(use)} className="flex flex-col gap-0.5 px-4 py-3">
          <p className="font-medium">
            <span className="inline-block first-letter:uppercase">{purposeText(use.purpose)}</span>:{' '}
            {callText(use.endpointClass)}
          </p>
          <p className="text-muted">
            {dataText(use.dataClass)} · {actorText(use.actor, [])}
          </p>
          <p className="tabular-nums">
            {[
              t('ledger.use.count.calls', { count: use.calls, shown: format.number(use.calls) }),
              t('ledger.use.count.items', { count: use.items, shown: format.number(use.items) }),
              ...(use.failed + use.unanswered > 0
                ? [t('ledger.use.count.failed', { count: use.failed + use.unanswered })]
                : []),
              costText(use, format),
            ].join(' · ')}
          </p>
        </li>
      ))}
    </ul>
  )
}

/** What is not known is not nothing. */
function costText({ cost, currency }: Use, { money }: Format): string {
  if (currency === null) return t('ledger.use.unknown')
  return Number(cost) === 0 ? t('ledger.use.free') : money({ amount: cost, currency })
}
