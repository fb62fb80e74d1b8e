/** One of a few views of the same thing, side by side. */
import type { ReactNode } from 'react'
import { Button as AriaButton } from 'react-aria-components'

type Props<Id extends string> = {
  label: string
  value: Id
  onChange: (id: Id) => void
  choices: ReadonlyArray<{ id: Id; text: string }>
}

export function Segments<Id extends string>({ label, value, onChange, choices }: Props<Id>): ReactNode {
  return (
    <div
      role="group"
      aria-label={label}
      className="inline-flex gap-0.5 rounded-lg border border-line bg-sunken p-0.5"
    >
      {choices.map(({ id, text }) => (
        <AriaButton
          key={id}
          aria-pressed={id === value}
          onPress={() => onChange(id)}
          className="min-h-9 rounded-md px-3.5 text-sm font-medium text-muted transition-colors hover:text-ink aria-pressed:bg-surface aria-pressed:text-ink aria-pressed:shadow-low aria-pressed:ring-1 aria-pressed:ring-line-strong/50 pointer-coarse:min-h-11"
        >
          {text}
        </AriaButton>
      ))}
    </div>
  )
}
