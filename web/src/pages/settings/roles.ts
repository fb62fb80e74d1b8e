/** What each role may do, in a sentence. */
import { t } from '../../i18n.tsx'
import type { Role } from '../../session.ts'
import type { Choice } from '../../ui/Select.tsx'

export function roleChoices(withOwner: boolean): Choice[] {
  const roles: Role[] = [...(withOwner ? (['owner'] as const) : []), 'admin', 'editor', 'viewer']
  return roles.map((id) => ({ id, text: t(`role.${id}`), detail: t(`settings.role.${id}`) }))
}
