/** A number with steps. */
import type { ReactNode } from 'react'
import {
  NumberField as AriaNumberField,
  Button,
  Group,
  Input,
  type NumberFieldProps,
} from 'react-aria-components'
import { FieldFrame, type FieldTexts, fieldClass } from './Field.tsx'
import { Icon } from './icons.tsx'

type Props = Omit<NumberFieldProps, 'className' | 'style' | 'children'> & FieldTexts

const step = 'grid h-1/2 w-8 place-items-center text-muted hover:text-ink data-disabled:opacity-40'

export function NumberField({ label, description, isOptional, ...props }: Props): ReactNode {
  return (
    <AriaNumberField {...props} className={fieldClass}>
      <FieldFrame label={label} description={description} isOptional={isOptional ?? false}>
        <Group className="control flex h-10 items-stretch">
          <Input className="min-w-0 flex-1 bg-transparent px-3 tabular-nums outline-none" />
          <span className="flex flex-col border-l border-line">
            <Button slot="increment" className={step}>
              <Icon name="chevronUp" size={14} />
            </Button>
            <Button slot="decrement" className={step}>
              <Icon name="chevronDown" size={14} />
            </Button>
          </span>
        </Group>
      </FieldFrame>
    </AriaNumberField>
  )
}
