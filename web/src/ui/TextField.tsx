/** One line of text. */
import { type ReactNode, type Ref, useState } from 'react'
import { TextField as AriaTextField, Button, Group, Input, type TextFieldProps } from 'react-aria-components'
import { t } from '../i18n.tsx'
import { FieldFrame, type FieldTexts, fieldClass } from './Field.tsx'
import { Icon } from './icons.tsx'

export type Props = Omit<TextFieldProps, 'className' | 'style' | 'children'> &
  FieldTexts & { placeholder?: string; ref?: Ref<HTMLInputElement> }

export function TextField({ label, description, isOptional, placeholder, ref, ...props }: Props): ReactNode {
  return (
    <AriaTextField {...props} className={fieldClass}>
      <FieldFrame label={label} description={description} isOptional={isOptional ?? false}>
        <Input
          className="control px-3 read-only:bg-sunken read-only:text-muted"
          placeholder={placeholder ?? ''}
          {...(ref ? { ref } : {})}
        />
      </FieldFrame>
    </AriaTextField>
  )
}

/** A password, which can be looked at. */
export function PasswordField({ label, description, isOptional, ...props }: Props): ReactNode {
  const [isShown, setShown] = useState(false)
  return (
    <AriaTextField {...props} type={isShown ? 'text' : 'password'} className={fieldClass}>
      <FieldFrame label={label} description={description} isOptional={isOptional ?? false}>
        <Group className="control flex items-center">
          <Input className="min-w-0 flex-1 bg-transparent px-3 py-1.5 outline-none" />
          <Button
            aria-label={isShown ? t('ui.password.hide') : t('ui.password.show')}
            aria-pressed={isShown}
            onPress={() => setShown(!isShown)}
            className="grid w-10 place-items-center self-stretch rounded-lg text-muted hover:text-ink pointer-coarse:w-11"
          >
            <Icon name={isShown ? 'lock' : 'eye'} size={18} />
          </Button>
        </Group>
      </FieldFrame>
    </AriaTextField>
  )
}
