/** Views of one thing side by side. Pages of their own are linked with `TabNav` in `shell/`, not with these. */
import type { ReactNode } from 'react'
import {
  Tab as AriaTab,
  TabList as AriaTabList,
  TabPanel as AriaTabPanel,
  Tabs as AriaTabs,
  type TabPanelProps,
  type TabsProps,
} from 'react-aria-components'
import { tabClass } from './tabClass.ts'

export function Tabs(props: Omit<TabsProps, 'className' | 'style' | 'orientation'>): ReactNode {
  return <AriaTabs {...props} className="flex flex-col gap-4" />
}

export function TabList({ label, children }: { label: string; children: ReactNode }): ReactNode {
  return (
    <AriaTabList aria-label={label} className="flex gap-5 overflow-x-auto border-b border-line">
      {children}
    </AriaTabList>
  )
}

export function Tab({ id, children }: { id: string; children: ReactNode }): ReactNode {
  return (
    <AriaTab id={id} className={tabClass}>
      {children}
    </AriaTab>
  )
}

export function TabPanel(props: Omit<TabPanelProps, 'className' | 'style'>): ReactNode {
  return <AriaTabPanel {...props} className="rounded-sm" />
}
