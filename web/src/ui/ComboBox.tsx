/** One choice out of many, found by typing. */
import type { ReactNode } from 'react'
import {
  ComboBox as AriaComboBox,
  Button,
  type ComboBoxProps,
  Group,
  Input,
  ListBox,
  Popover,
} from 'react-aria-components'
import { t } from '../i18n.tsx'
import { cx } from './cx.ts'
import { FieldFrame, type FieldTexts, fieldClass } from './Field.tsx'
import { Icon } from './icons.tsx'
import { Option } from './Option.tsx'
import { popoverClass } from './popoverClass.ts'
import type { Choice } from './Select.tsx'

type Props = Omit<
  ComboBoxProps<Choice>,
  'className' | 'style' | 'children' | 'items' | 'defaultItems' | 'value' | 'onChange' | 'defaultValue'
> &
  FieldTexts & {
    choices: readonly Choice[]
    value?: string | null
    defaultValue?: string
    onChange?: (id: string | null) => void
  }

export function ComboBox({ label, description, isOptional, choices, onChange, ...props }: Props): ReactNode {
  return (
    <AriaComboBox
      {...props}
      {...(onChange ? { onChange: (id) => onChange(id === null ? null : String(id)) } : {})}
      defaultItems={choices}
      className={fieldClass}
    >
      <FieldFrame label={label} description={description} isOptional={isOptional ?? false}>
        <Group className="control flex items-center">
          <Input className="min-w-0 flex-1 bg-transparent px-3 py-1.5 outline-none" />
          <Button className="grid w-10 place-items-center self-stretch text-muted hover:text-ink">
            <Icon name="chevronDown" size={16} />
          </Button>
        </Group>
      </FieldFrame>
      <Popover className={cx(popoverClass, 'w-(--trigger-width)')} offset={6}>
        <ListBox
          className="max-h-72 overflow-auto p-1.5 outline-none"
          renderEmptyState={() => <p className="px-2.5 py-2 text-sm text-muted">{t('ui.nothingFound')}</p>}
        >
          {(choice: Choice) => <Option {...choice} />}
        </ListBox>
      </Popover>
    </AriaComboBox>
  )
}
