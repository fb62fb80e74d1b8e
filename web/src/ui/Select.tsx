/** One choice out of a handful. For many, use `ComboBox`. */
import { lazy, type ReactNode, Suspense } from 'react'
import type { SelectProps as AriaSelectProps } from 'react-aria-components'
import { FieldPlaceholder, type FieldTexts } from './Field.tsx'

const SelectBox = lazy(async () => ({ default: (await import('./SelectBox.tsx')).SelectBox }))

export type Choice = { id: string; text: string; detail?: string; before?: ReactNode; isDisabled?: boolean }

export type SelectProps = Omit<
  AriaSelectProps<Choice>,
  'className' | 'style' | 'children' | 'value' | 'onChange' | 'defaultValue'
> &
  FieldTexts & {
    choices: readonly Choice[]
    /** Null chooses none: for lists that lead somewhere. */
    value?: string | null
    defaultValue?: string
    onChange?: (id: string) => void
    /** Narrow and without a visible label, for filter bars and table rows. */
    isCompact?: boolean
  }

/** Until it is there, its place shows what is chosen. */
export function Select(props: SelectProps): ReactNode {
  const { label, description, isCompact = false, choices, value, defaultValue } = props
  const chosen = choices.find(({ id }) => id === (value ?? defaultValue))?.text ?? props.placeholder
  return (
    <Suspense
      fallback={
        isCompact ? (
          <span className="control block min-h-9 w-36 px-3 py-1.5 text-sm">{chosen}</span>
        ) : (
          <FieldPlaceholder label={label} description={description}>
            {chosen}
          </FieldPlaceholder>
        )
      }
    >
      <SelectBox {...props} />
    </Suspense>
  )
}
