/** Something that opens beside its button: `<PopoverTrigger><Button …/><Popover title="…">…</Popover></PopoverTrigger>`. */
import type { ReactNode } from 'react'
import { Popover as AriaPopover, Dialog, DialogTrigger, type PopoverProps } from 'react-aria-components'
import { cx } from './cx.ts'
import { popoverClass } from './popoverClass.ts'

type Props = Omit<PopoverProps, 'className' | 'style' | 'children'> & { label: string; children: ReactNode }

export const PopoverTrigger = DialogTrigger

export function Popover({ label, children, ...props }: Props): ReactNode {
  return (
    <AriaPopover offset={6} {...props} className={cx(popoverClass, 'w-80')}>
      <Dialog aria-label={label} className="flex flex-col gap-3 p-4 outline-none">
        {children}
      </Dialog>
    </AriaPopover>
  )
}
