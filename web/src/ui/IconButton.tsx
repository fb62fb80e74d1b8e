/** A button that is only an icon; its label is read out and shown in a tooltip. */
import type { ReactNode } from 'react'
import { Button as AriaButton, type ButtonProps as AriaButtonProps } from 'react-aria-components'
import { cx } from './cx.ts'
import { Icon, type IconName } from './icons.tsx'
import { Tooltip } from './Tooltip.tsx'

type Props = Omit<AriaButtonProps, 'className' | 'style' | 'children' | 'aria-label'> & {
  icon: IconName
  label: string
  size?: 'medium' | 'small'
  children?: ReactNode
}

export function IconButton({ icon, label, size = 'medium', children, ...props }: Props): ReactNode {
  return (
    <Tooltip text={label}>
      <AriaButton
        {...props}
        aria-label={label}
        className={cx(
          'relative inline-grid shrink-0 place-items-center rounded-lg text-muted transition-colors hover:bg-sunken hover:text-ink data-disabled:opacity-50 data-pressed:bg-sunken pointer-coarse:size-11',
          size === 'medium' ? 'size-10' : 'size-8',
        )}
      >
        <Icon name={icon} size={size === 'medium' ? 20 : 18} />
        {children}
      </AriaButton>
    </Tooltip>
  )
}
