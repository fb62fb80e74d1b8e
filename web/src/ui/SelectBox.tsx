/** The field of `Select`, loaded with the first of them. */
import type { ReactNode } from 'react'
import { Select as AriaSelect, Button, Label, ListBox, Popover, SelectValue } from 'react-aria-components'
import { cx } from './cx.ts'
import { FieldFrame, fieldClass } from './Field.tsx'
import { Icon } from './icons.tsx'
import { Option } from './Option.tsx'
import { popoverClass } from './popoverClass.ts'
import type { SelectProps } from './Select.tsx'

export function SelectBox({
  label,
  description,
  isOptional,
  choices,
  onChange,
  isCompact,
  ...props
}: SelectProps): ReactNode {
  const field = (
    <Button
      className={cx(
        'control flex items-center justify-between gap-2 px-3 text-left',
        isCompact && 'min-h-9 text-sm',
      )}
    >
      <SelectValue className="min-w-0 flex-1 truncate data-placeholder:text-muted [&_[data-detail]]:hidden" />
      <span className="text-muted">
        <Icon name="chevronDown" size={16} />
      </span>
    </Button>
  )
  return (
    <AriaSelect
      {...props}
      {...(onChange ? { onChange: (id) => onChange(String(id)) } : {})}
      className={isCompact ? 'min-w-36' : fieldClass}
    >
      {isCompact ? (
        <>
          <Label className="sr-only">{label}</Label>
          {field}
        </>
      ) : (
        <FieldFrame label={label} description={description} isOptional={isOptional ?? false}>
          {field}
        </FieldFrame>
      )}
      <Popover className={cx(popoverClass, 'min-w-(--trigger-width)')} offset={6}>
        <ListBox items={choices} className="max-h-80 overflow-auto p-1.5 outline-none">
          {(choice) => <Option {...choice} />}
        </ListBox>
      </Popover>
    </AriaSelect>
  )
}
