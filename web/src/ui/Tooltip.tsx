/** A short explanation on hover and on keyboard focus. Never the only place of something important: phones have none. */
import type { ReactElement, ReactNode } from 'react'
import { Tooltip as AriaTooltip, TooltipTrigger } from 'react-aria-components'

export function Tooltip({ text, children }: { text: string; children: ReactElement }): ReactNode {
  return (
    <TooltipTrigger delay={500} closeDelay={80}>
      {children}
      <AriaTooltip
        offset={6}
        className="max-w-72 rounded-md bg-ink px-2.5 py-1.5 text-xs text-canvas shadow-high data-entering:animate-[rise_120ms_ease-out]"
      >
        {text}
      </AriaTooltip>
    </TooltipTrigger>
  )
}
