/** Settings. */
import type { ReactNode } from 'react'
import { t } from '../../i18n.tsx'
import { PageHeader } from '../../ui/PageHeader.tsx'

export function MembersPage(): ReactNode {
  return <PageHeader title={t('shell.nav.settings')} />
}
