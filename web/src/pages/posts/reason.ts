/** Why a delivery stands as it does: in the person's language where Litfass says it, else in the network's own words. */
import type { Format } from '../../format.ts'
import { hasText, t } from '../../i18n.tsx'
import type { Delivery } from './states.tsx'

type Reason = NonNullable<Delivery['reason']>

/** Codes mean the same on every network; what they leave out (a name, a status) is in the receipt. */
export function reasonText(
  { code, message, fix, since }: Reason,
  network: string,
  { shortDateTime }: Pick<Format, 'shortDateTime'>,
): string {
  if (fix === 'reauthorise') return t('posts.reason.token_dead', { network })
  const status = /^http_(\d+)$/.exec(code)?.[1]
  if (status !== undefined) return t('posts.reason.http', { network, status })
  const values = { network, since: since === undefined ? '' : shortDateTime(since) }
  return hasText(`posts.reason.${code}`) ? t(`posts.reason.${code}`, values) : message
}
