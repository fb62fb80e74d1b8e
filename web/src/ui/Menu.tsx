/** A menu of actions: `<Menu trigger={<IconButton icon="more" …/>}><MenuItem …/></Menu>`. */
import type { ReactElement, ReactNode } from 'react'
import {
  Menu as AriaMenu,
  MenuItem as AriaMenuItem,
  type MenuItemProps,
  MenuSection as AriaMenuSection,
  MenuTrigger,
  Header,
  Popover,
  type PopoverProps,
  Separator,
} from 'react-aria-components'
import { cx } from './cx.ts'
import { Icon, type IconName } from './icons.tsx'
import { optionClass, popoverClass } from './popoverClass.ts'

type Props = {
  trigger: ReactElement
  label?: string
  placement?: PopoverProps['placement']
  children: ReactNode
}

export function Menu({ trigger, label, placement = 'bottom end', children }: Props): ReactNode {
  return (
    <MenuTrigger>
      {trigger}
      <Popover className={cx(popoverClass, 'min-w-52')} placement={placement} offset={6}>
        <AriaMenu
          className="max-h-[70dvh] overflow-auto p-1.5 outline-none"
          {...(label ? { 'aria-label': label } : {})}
        >
          {children}
        </AriaMenu>
      </Popover>
    </MenuTrigger>
  )
}

type ItemProps = Omit<MenuItemProps, 'className' | 'style' | 'children'> & {
  icon?: IconName
  children: string
  detail?: string
  isDangerous?: boolean
}

export function MenuItem({ icon, children, detail, isDangerous, ...props }: ItemProps): ReactNode {
  return (
    <AriaMenuItem {...props} textValue={children} className={cx(optionClass, isDangerous && 'text-danger')}>
      {({ isSelected, selectionMode }) => (
        <>
          {icon && (
            <span className={isDangerous ? '' : 'text-muted'}>
              <Icon name={icon} size={18} />
            </span>
          )}
          <span className="min-w-0 flex-1">
            <span className="block truncate">{children}</span>
            {detail && <span className="block truncate text-xs text-muted">{detail}</span>}
          </span>
          {selectionMode !== 'none' && isSelected && (
            <span className="text-accent">
              <Icon name="check" size={16} />
            </span>
          )}
        </>
      )}
    </AriaMenuItem>
  )
}

type SectionProps<Id extends string> = {
  title: string
  children: ReactNode
  /** With a value, the items are choices of which one is taken. */
  value?: Id
  onChange?: (id: Id) => void
}

export function MenuSection<Id extends string>({
  title,
  children,
  value,
  onChange,
}: SectionProps<Id>): ReactNode {
  const selection =
    value === undefined
      ? {}
      : {
          selectionMode: 'single' as const,
          disallowEmptySelection: true,
          selectedKeys: [value],
          onSelectionChange: (keys: 'all' | Set<unknown>) => {
            if (keys !== 'all') for (const key of keys) onChange?.(String(key) as Id)
          },
        }
  return (
    <AriaMenuSection {...selection}>
      <Header className="px-2.5 pt-2 pb-1 text-xs font-medium text-muted">{title}</Header>
      {children}
    </AriaMenuSection>
  )
}

export function MenuSeparator(): ReactNode {
  return <Separator className="mx-1.5 my-1.5 h-px border-0 bg-line" />
}
