/** One post and its deliveries. */
import type { ReactNode } from 'react'
import { t } from '../../i18n.tsx'
import { PageHeader } from '../../ui/PageHeader.tsx'

export function PostPage(): ReactNode {
  return <PageHeader title={t('shell.nav.posts')} />
}
