/** A page that only some roles may use: others read whom to ask, instead of an error. */
import type { ReactNode } from 'react'
import { t } from '../i18n.tsx'
import { type Role, useMay } from '../session.ts'
import { EmptyState } from '../ui/EmptyState.tsx'

export function NeedsRole({ role, children }: { role: Role; children: ReactNode }): ReactNode {
  if (useMay(role)) return children
  return (
    <EmptyState icon="lock" title={t('shell.needsRole.title')}>
      {t('shell.needsRole.text', { role: t(`role.${role}`) })}
    </EmptyState>
  )
}
