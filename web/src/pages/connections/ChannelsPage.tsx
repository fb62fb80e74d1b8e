/** Choosing the channels of a connection. */
import type { ReactNode } from 'react'
import { t } from '../../i18n.tsx'
import { PageHeader } from '../../ui/PageHeader.tsx'

export function ChannelsPage(): ReactNode {
  return <PageHeader title={t('shell.nav.connections')} />
}
