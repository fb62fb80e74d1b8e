/** The way to the other workspaces of a person. */
import { useRouter } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { Button } from 'react-aria-components'
import { t } from '../i18n.tsx'
import { switchWorkspace, useMe } from '../session.ts'
import { Icon } from '../ui/icons.tsx'
import { Menu, MenuItem, MenuSection } from '../ui/Menu.tsx'

export function WorkspaceSwitcher(): ReactNode {
  const { workspace, workspaces } = useMe()
  const router = useRouter()
  const go = async (id: string) => {
    await switchWorkspace(id)
    await router.navigate({ to: '/' })
  }
  const trigger = (
    <Button
      aria-label={t('shell.workspace.switch', { name: workspace.name })}
      className="-ml-2 inline-flex h-10 max-w-full items-center gap-1.5 rounded-lg px-2 font-medium hover:bg-sunken"
    >
      <span className="truncate">{workspace.name}</span>
      <Icon name="chevronDown" size={16} />
    </Button>
  )
  return (
    <Menu trigger={trigger} placement="bottom start">
      <MenuSection title={t('shell.workspaces')} value={workspace.id} onChange={(id) => void go(id)}>
        {workspaces.map(({ id, name }) => (
          <MenuItem key={id} id={id} icon="building">
            {name}
          </MenuItem>
        ))}
      </MenuSection>
    </Menu>
  )
}
