/** What goes out next, and what needs attention. */
import type { ReactNode } from 'react'
import { t } from '../../i18n.tsx'
import { PageHeader } from '../../ui/PageHeader.tsx'

export function OverviewPage(): ReactNode {
  return <PageHeader title={t('shell.nav.overview')} />
}
