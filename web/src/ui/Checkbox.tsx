/** A box to tick, and a group of them. */
import type { ReactNode } from 'react'
import {
  Checkbox as AriaCheckbox,
  CheckboxGroup as AriaCheckboxGroup,
  type CheckboxGroupProps,
  type CheckboxProps,
} from 'react-aria-components'
import { cx } from './cx.ts'
import { FieldFrame, type FieldTexts, fieldClass } from './Field.tsx'

type Props = Omit<CheckboxProps, 'className' | 'style' | 'children'> & {
  children?: ReactNode
  className?: string
}

export function Checkbox({ children, className, ...props }: Props): ReactNode {
  return (
    <AriaCheckbox
      {...props}
      className={cx(
        'group inline-flex items-start gap-2.5 text-base data-disabled:opacity-55 pointer-coarse:min-h-11 pointer-coarse:items-center',
        className,
      )}
    >
      {({ isSelected, isIndeterminate }) => (
        <>
          <span
            className={cx(
              'mt-0.5 grid size-5 shrink-0 place-items-center rounded-md border transition-colors group-data-focus-visible:outline-2 group-data-focus-visible:outline-offset-2 group-data-focus-visible:outline-focus pointer-coarse:mt-0',
              isSelected || isIndeterminate
                ? 'border-accent bg-accent text-on-accent'
                : 'border-line-strong bg-surface group-hover:border-muted group-data-invalid:border-danger',
            )}
          >
            <svg
              viewBox="0 0 16 16"
              width="14"
              height="14"
              fill="none"
              stroke="currentColor"
              strokeWidth="2.4"
              strokeLinecap="round"
              strokeLinejoin="round"
              aria-hidden="true"
            >
              {isIndeterminate ? (
                <path d="M3.500 8h9" />
              ) : (
                isSelected && <path d="m3 8.500 3.200 3.200L13 4.500" />
              )}
            </svg>
          </span>
          {children && <span className="min-w-0">{children}</span>}
        </>
      )}
    </AriaCheckbox>
  )
}

type GroupProps = Omit<CheckboxGroupProps, 'className' | 'style' | 'children'> &
  FieldTexts & { children: ReactNode }

export function CheckboxGroup({ label, description, isOptional, children, ...props }: GroupProps): ReactNode {
  return (
    <AriaCheckboxGroup {...props} className={fieldClass}>
      <FieldFrame label={label} description={description} isOptional={isOptional ?? false}>
        <div className="flex flex-col gap-2 pt-0.5">{children}</div>
      </FieldFrame>
    </AriaCheckboxGroup>
  )
}
