/** On or off, at once. In forms that are sent, use `Checkbox`. */
import type { ReactNode } from 'react'
import { Switch as AriaSwitch, type SwitchProps } from 'react-aria-components'

type Props = Omit<SwitchProps, 'className' | 'style' | 'children'> & { children: ReactNode }

export function Switch({ children, ...props }: Props): ReactNode {
  return (
    <AriaSwitch
      {...props}
      className="group inline-flex items-center gap-3 data-disabled:opacity-55 pointer-coarse:min-h-11"
    >
      <span className="flex h-6 w-10 shrink-0 items-center rounded-full bg-line-strong p-0.5 transition-colors group-data-focus-visible:outline-2 group-data-focus-visible:outline-offset-2 group-data-focus-visible:outline-focus group-data-selected:bg-accent">
        <span className="size-5 rounded-full bg-surface shadow-low transition-transform group-data-selected:translate-x-4" />
      </span>
      {children}
    </AriaSwitch>
  )
}
