/** Several lines of text. */
import type { ReactNode, Ref } from 'react'
import { TextArea as AriaTextArea, TextField, type TextFieldProps } from 'react-aria-components'
import { FieldFrame, type FieldTexts, fieldClass } from './Field.tsx'

type Props = Omit<TextFieldProps, 'className' | 'style' | 'children'> &
  FieldTexts & { placeholder?: string; rows?: number; ref?: Ref<HTMLTextAreaElement> }

export function TextArea({
  label,
  description,
  isOptional,
  placeholder,
  rows = 4,
  ref,
  ...props
}: Props): ReactNode {
  return (
    <TextField {...props} className={fieldClass}>
      <FieldFrame label={label} description={description} isOptional={isOptional ?? false}>
        {/* Grows with its text where the browser can do that. */}
        <AriaTextArea
          rows={rows}
          placeholder={placeholder ?? ''}
          className="control field-sizing-content max-h-72 resize-y px-3 py-2"
          {...(ref ? { ref } : {})}
        />
      </FieldFrame>
    </TextField>
  )
}
