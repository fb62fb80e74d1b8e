/** Budgets in words: what one is for, and its days, which are UTC days whatever the workspace's zone is. */
import type { Client, Output } from '../../api.ts'
import { language, t } from '../../i18n.tsx'

export type Budgets = Output<Client['budgets']['list']>
export type Budget = Budgets['items'][number]
export type Proposal = Budgets['proposals'][number]
export type Purpose = NonNullable<Budget['purpose']>

export const purposes: readonly Purpose[] = [
  'publish',
  'measure',
  'reconcile',
  'converse',
  'remove',
  'connect',
]

type Scope = Pick<Budget, 'network' | 'connectionId' | 'purpose'>
/** Names of networks and accounts by id. */
export type Names = { network: (id: string) => string; connection: (id: string) => string }

export function scopeText({ network, connectionId, purpose }: Scope, names: Names): string {
  const whose =
    connectionId !== null
      ? names.connection(connectionId)
      : network !== null
        ? names.network(network)
        : t('budgets.scope.all')
  return purpose === null
    ? whose
    : t('budgets.scope.purpose', { whose, purpose: t(`budgets.purpose.${purpose}`) })
}

/** Where a budget starts anew: 1 December */
export function utcDay(instant: string): string {
  return new Intl.DateTimeFormat(language() === 'de' ? 'de-DE' : 'en-GB', {
    timeZone: 'UTC',
    day: 'numeric',
    month: 'long',
  }).format(new Date(instant))
}

/** Share of the amount in percent, as it is shown; a budget of nothing is used up. */
export function percentOf({ amount }: Pick<Budget, 'amount'>, part: { amount: string }): number {
  const whole = Number(amount.amount)
  return whole === 0 ? 100 : (Number(part.amount) / whole) * 100
}
