/** How far something is, with a number; without a value, that it goes on. */
import type { ReactNode } from 'react'
import { ProgressBar as AriaProgressBar, Label } from 'react-aria-components'

type Props = { label: string; value?: number; isLabelHidden?: boolean }

export function ProgressBar({ label, value, isLabelHidden = false }: Props): ReactNode {
  return (
    <AriaProgressBar
      value={value ?? 0}
      isIndeterminate={value === undefined}
      className="flex w-full flex-col gap-1.5"
    >
      {({ percentage, valueText }) => (
        <>
          <span className={isLabelHidden ? 'sr-only' : 'flex justify-between gap-3 text-sm text-muted'}>
            <Label>{label}</Label>
            <span className="tabular-nums">{value === undefined ? '' : valueText}</span>
          </span>
          <span className="block h-1.5 overflow-hidden rounded-full bg-line">
            <span
              className={
                percentage === undefined
                  ? 'block h-full w-1/3 animate-[shimmer_1.200s_infinite] rounded-full bg-accent'
                  : 'block h-full rounded-full bg-accent transition-[width]'
              }
              {...(percentage === undefined ? {} : { style: { width: `${percentage}%` } })}
            />
          </span>
        </>
      )}
    </AriaProgressBar>
  )
}
