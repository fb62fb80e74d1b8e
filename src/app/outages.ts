/** Outages of networks as people see them, and which server an account lives at. */
import { type Ability, type Deployment, sandboxServer, type Trouble } from '#domain/breaker.ts'
import type { Grant } from '#networks/contract.ts'
import { openBreakers } from '#storage/breakers.ts'
import type { Handle } from '#storage/deliveries.ts'

/** As it stands in the connection's row: each server of a network fails by itself. */
export function serverOf(isSandbox: boolean, { apiUrl }: Pick<Grant, 'apiUrl'>): string {
  if (isSandbox) return sandboxServer
  return apiUrl === undefined ? '' : new URL(apiUrl).host
}

export type OutageView = { ability: Ability; cause: Trouble; since: Date }

/** What a deployment cannot do at the moment; gives the reader for many of them. */
export async function readOutages(db: Handle): Promise<(deployment: Deployment) => OutageView[]> {
  const open = await openBreakers(db)
  return ({ login, server }) =>
    open
      .filter((one) => one.login === login && one.server === server)
      .map(({ ability, cause, openedAt }) => ({ ability, cause, since: openedAt }))
}
