/** Why a delivery stands as it does: in the person's language where Litfass says it, else in the network's own words. */
import { hasText, t } from '../../i18n.tsx'
import type { Delivery } from './states.tsx'

type Reason = NonNullable<Delivery['reason']>

/** Codes mean the same on every network; what they leave out (a name, a status) is in the receipt. */
export function reasonText({ code, message }: Reason, network: string): string {
  return hasText(`posts.reason.${code}`) ? t(`posts.reason.${code}`, { network }) : message
}
