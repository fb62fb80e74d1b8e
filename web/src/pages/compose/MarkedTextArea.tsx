/** A text area that marks the part a network has no room for, by a copy of the text behind it. */
import { type ReactNode, useId } from 'react'
import { TextArea, TextField } from 'react-aria-components'

type Props = {
  label: string
  placeholder: string
  value: string
  /** How much of the text fits; what comes after it is marked. */
  fitting: number
  /** For a few words. */
  isSmall?: boolean
  /** Whether writing begins here as soon as it is shown. */
  isFocused?: boolean
  onChange: (value: string) => void
}

// Both layers must set the text alike, or the marks stand beside it.
const type = 'px-0.5 py-1 text-base leading-6 whitespace-pre-wrap wrap-anywhere'

export function MarkedTextArea({
  label,
  placeholder,
  value,
  fitting,
  isSmall = false,
  isFocused = false,
  onChange,
}: Props): ReactNode {
  const id = useId()
  const height = isSmall ? 'min-h-16' : 'min-h-40'
  return (
    <TextField aria-label={label} value={value} onChange={onChange} className="relative grid">
      <div
        aria-hidden="true"
        className={`${type} ${height} pointer-events-none col-start-1 row-start-1 text-transparent`}
      >
        {value.slice(0, fitting)}
        <mark className="rounded-sm bg-danger-soft text-transparent">{value.slice(fitting)}</mark>
        {/* A last empty line has height in a text area only. */}
        {value.endsWith('\n') ? '\u200b' : ''}
      </div>
      <TextArea
        id={id}
        placeholder={placeholder}
        autoFocus={isFocused}
        className={`${type} ${height} relative col-start-1 row-start-1 w-full resize-none overflow-hidden rounded-md bg-transparent outline-offset-4`}
      />
    </TextField>
  )
}
