/**
 * Views of one thing side by side. Pages of their own are linked with `TabNav` in `shell/`, not with these.
 *
 * Written by hand: the collections of React Aria weigh more than the pages that have tabs can carry.
 */
import { createContext, type KeyboardEvent, type ReactNode, use, useId, useState } from 'react'
import { tabClass } from './tabClass.ts'

const Context = createContext({ name: '', selected: '', select: (_: string) => {} })

type Props = { children: ReactNode } & (
  | { selected: string; onSelect: (id: string) => void; first?: never }
  | { first: string; selected?: never; onSelect?: never }
)

/** Either the page knows which tab is shown, or the first is. */
export function Tabs({ selected, onSelect, first = '', children }: Props): ReactNode {
  const name = useId()
  const [own, setOwn] = useState(first)
  return (
    <Context value={{ name, selected: selected ?? own, select: onSelect ?? setOwn }}>
      <div className="flex min-w-0 flex-col gap-4">{children}</div>
    </Context>
  )
}

export function TabList({ label, children }: { label: string; children: ReactNode }): ReactNode {
  return (
    <div
      role="tablist"
      tabIndex={-1}
      aria-label={label}
      onKeyDown={moveByKey}
      className="flex gap-5 overflow-x-auto border-b border-line outline-none"
    >
      {children}
    </div>
  )
}

/** Arrows go to the neighbour, round the ends; Home and End to the first and last. What is reached is shown. */
function moveByKey(event: KeyboardEvent<HTMLElement>): void {
  const tabs = [...event.currentTarget.querySelectorAll<HTMLElement>('[role=tab]')]
  const at = tabs.findIndex((tab) => tab === event.target)
  const places: Record<string, number> = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: -1 }
  const place = places[event.key]
  if (at < 0 || place === undefined) return
  event.preventDefault()
  const tab = tabs.at(place % tabs.length)
  tab?.focus()
  tab?.click()
}

export function Tab({ id, children }: { id: string; children: ReactNode }): ReactNode {
  const { name, selected, select } = use(Context)
  const isSelected = id === selected
  return (
    <button
      type="button"
      role="tab"
      id={`${name}-tab-${id}`}
      aria-selected={isSelected}
      aria-controls={`${name}-panel-${id}`}
      tabIndex={isSelected ? 0 : -1}
      data-selected={isSelected || undefined}
      onClick={() => select(id)}
      className={`${tabClass} shrink-0 -outline-offset-2 focus-visible:rounded-sm`}
    >
      {children}
    </button>
  )
}

export function TabPanel({ id, children }: { id: string; children: ReactNode }): ReactNode {
  const { name, selected } = use(Context)
  if (id !== selected) return null
  return (
    <div role="tabpanel" id={`${name}-panel-${id}`} aria-labelledby={`${name}-tab-${id}`}>
      {children}
    </div>
  )
}
