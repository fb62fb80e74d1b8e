/** One choice in the list of a `Select` or `ComboBox`. */
import type { ReactNode } from 'react'
import { ListBoxItem } from 'react-aria-components'
import { Icon } from './icons.tsx'
import { optionClass } from './popoverClass.ts'

type Props = {
  id: string
  text: string
  detail?: string | undefined
  before?: ReactNode
  isDisabled?: boolean
}

export function Option({ id, text, detail, before, isDisabled = false }: Props): ReactNode {
  return (
    <ListBoxItem id={id} textValue={text} isDisabled={isDisabled} className={optionClass}>
      {({ isSelected }) => (
        <>
          {before}
          <span className="min-w-0 flex-1">
            <span className="block truncate">{text}</span>
            {detail && (
              <span data-detail className="block text-xs text-muted">
                {detail}
              </span>
            )}
          </span>
          {isSelected && (
            <span className="text-accent">
              <Icon name="check" size={16} />
            </span>
          )}
        </>
      )}
    </ListBoxItem>
  )
}
