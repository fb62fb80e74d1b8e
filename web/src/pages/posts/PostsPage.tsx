/** The list of posts, with filters. */
import type { ReactNode } from 'react'
import { t } from '../../i18n.tsx'
import { PageHeader } from '../../ui/PageHeader.tsx'

export function PostsPage(): ReactNode {
  return <PageHeader title={t('shell.nav.posts')} />
}
