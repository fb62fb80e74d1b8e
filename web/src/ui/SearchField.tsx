/** A search box with a way to clear it. */
import type { ReactNode } from 'react'
import { SearchField as AriaSearchField, Button, Input, type SearchFieldProps } from 'react-aria-components'
import { t } from '../i18n.tsx'
import { Icon } from './icons.tsx'

type Props = Omit<SearchFieldProps, 'className' | 'style' | 'children' | 'aria-label'> & { label: string }

export function SearchField({ label, ...props }: Props): ReactNode {
  return (
    <AriaSearchField {...props} aria-label={label} className="group control flex w-full items-center">
      <span className="pl-3 text-muted">
        <Icon name="search" size={18} />
      </span>
      <Input
        placeholder={label}
        className="min-w-0 flex-1 bg-transparent px-2.5 py-2 outline-none [&::-webkit-search-cancel-button]:hidden"
      />
      <Button
        aria-label={t('ui.clear')}
        className="mr-1 grid size-8 place-items-center rounded-md text-muted group-data-empty:invisible hover:text-ink pointer-coarse:size-11"
      >
        <Icon name="close" size={16} />
      </Button>
    </AriaSearchField>
  )
}
