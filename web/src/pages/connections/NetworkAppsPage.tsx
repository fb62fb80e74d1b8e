/** The operator's apps at the networks. */
import type { ReactNode } from 'react'
import { t } from '../../i18n.tsx'
import { useTitle } from '../../title.ts'

export function NetworkAppsPage(): ReactNode {
  useTitle(t('settings.tab.networks'))
  return null
}
