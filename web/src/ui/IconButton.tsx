/** A button that is only an icon; its label is read out and shown in a tooltip. */
import type { ReactNode } from 'react'
import { Button as AriaButton, type ButtonProps as AriaButtonProps } from 'react-aria-components'
import { cx } from './cx.ts'
import { Icon, type IconName } from './icons.tsx'
import { Tooltip } from './Tooltip.tsx'

type Props = Omit<AriaButtonProps, 'className' | 'style' | 'children' | 'aria-label'> & {
  icon: IconName
  label: string
  /** `tiny` only where there is another way for fingers, or nothing beside it. */
  size?: 'medium' | 'small' | 'tiny'
  children?: ReactNode
}

const sizes = {
  medium: 'size-10 pointer-coarse:size-11',
  small: 'size-8 pointer-coarse:size-11',
  tiny: 'size-6 pointer-coarse:size-8',
}

export function IconButton({ icon, label, size = 'medium', children, ...props }: Props): ReactNode {
  return (
    <Tooltip text={label}>
      <AriaButton
        {...props}
        aria-label={label}
        className={cx(
          'relative inline-grid shrink-0 place-items-center rounded-lg text-muted transition-colors hover:bg-sunken hover:text-ink data-disabled:opacity-50 data-pressed:bg-sunken',
          sizes[size],
        )}
      >
        <Icon name={icon} size={{ medium: 20, small: 18, tiny: 16 }[size]} />
        {children}
      </AriaButton>
    </Tooltip>
  )
}
