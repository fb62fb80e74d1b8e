/** What needs a person. */
import type { ReactNode } from 'react'
import { t } from '../../i18n.tsx'
import { PageHeader } from '../../ui/PageHeader.tsx'

export function NoticesPage(): ReactNode {
  return <PageHeader title={t('shell.notices.title')} />
}
