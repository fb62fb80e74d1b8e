/** Outages of networks as people see them, and which server an account lives at. */
import { type Ability, type Deployment, sandboxServer, type Trouble } from '#domain/breaker.ts'
import type { Grant } from '#networks/contract.ts'
import { openBreakers } from '#storage/breakers.ts'
import type { Handle } from '#storage/deliveries.ts'
import type { System } from './system.ts'

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

export type InstallationOutage = OutageView & { network: string; sandbox: boolean }

/** All of the installation; which servers its people use is theirs to know. */
export async function listOutages(system: Pick<System, 'db' | 'loginById'>): Promise<InstallationOutage[]> {
  const open = await openBreakers(system.db)
  return open.map(({ login, server, ability, cause, openedAt }) => ({
    network: system.loginById(login)?.network.definition.id ?? login,
    sandbox: server === sandboxServer,
    ability,
    cause,
    since: openedAt,
  }))
}
