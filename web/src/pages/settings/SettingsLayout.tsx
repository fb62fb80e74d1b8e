/** Settings: one heading, a tab for each page. What a role cannot change it is not shown, save the workspace itself. */
import { Outlet } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { t } from '../../i18n.tsx'
import { useMay } from '../../session.ts'
import { TabNav } from '../../shell/TabNav.tsx'
import { PageHeader } from '../../ui/PageHeader.tsx'

export function SettingsLayout(): ReactNode {
  const isAdmin = useMay('admin')
  return (
    <>
      <PageHeader title={t('settings.title')} />
      <TabNav
        label={t('settings.title')}
        pages={[
          { to: '/settings', text: t('settings.tab.workspace'), isExact: true },
          { to: '/settings/members', text: t('settings.tab.members') },
          ...(isAdmin
            ? ([
                { to: '/settings/networks', text: t('settings.tab.networks') },
                { to: '/settings/keys', text: t('settings.tab.keys') },
                { to: '/settings/data', text: t('settings.tab.data') },
                { to: '/settings/ai', text: t('settings.tab.ai') },
              ] as const)
            : []),
          { to: '/settings/prices', text: t('settings.tab.prices') },
          { to: '/settings/budgets', text: t('settings.tab.budgets') },
          ...(isAdmin ? ([{ to: '/settings/ledger', text: t('settings.tab.ledger') }] as const) : []),
          { to: '/settings/account', text: t('settings.tab.account') },
          { to: '/settings/about', text: t('settings.tab.about') },
        ]}
      />
      <div className="flex max-w-4xl flex-col gap-6">
        <Outlet />
      </div>
    </>
  )
}
