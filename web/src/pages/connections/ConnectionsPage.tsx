/** Connections and their channels. */
import type { ReactNode } from 'react'
import { t } from '../../i18n.tsx'
import { PageHeader } from '../../ui/PageHeader.tsx'

export function ConnectionsPage(): ReactNode {
  return <PageHeader title={t('shell.nav.connections')} />
}
