/**
 * Telling a network that its grant is not wanted any more.
 *
 * Here the tokens are gone with the disconnect, whatever the network says; so what it does not answer is let be.
 */
import { sql } from 'kysely'
import { LitfassError } from '#domain/errors.ts'
import { NotNow } from '#engine/trouble.ts'
import { NoAnswer } from '#networks/metered-fetch.ts'
import { contextOf } from './channel-access.ts'
import { appOf } from './known-apps.ts'
import { openGrant } from './live-grant.ts'
import type { Actor, System } from './system.ts'

type Row = { id: string; login: string; sandbox: boolean; server: string; sealedGrant: string }

/** Reads the grant before the disconnect; what it returns takes it back afterwards. */
export async function takingBack(system: System, actor: Actor, id: string): Promise<() => Promise<void>> {
  const { rows } =
    await sql<Row>`select id, login, sandbox, server, sealed_grant as "sealedGrant" from connection
    where workspace_id = ${actor.workspaceId} and id = ${id} and sealed_grant <> ''`.execute(system.db)
  const row = rows[0]
  const known = row && system.loginById(row.login)
  const revoke = known?.network.revoke
  if (!row || !known || !revoke) return async () => undefined
  const grant = openGrant(system, id, row.sealedGrant)
  return async () => {
    const { network, login } = known
    const use = { workspaceId: actor.workspaceId, deliveryId: null, actor: actor.memberId }
    try {
      const app = await appOf(system, actor, login, row.sandbox)
      await revoke(contextOf(system, use, row, network, login), grant, app)
    } catch (cause) {
      const isOutside = [NoAnswer, LitfassError, NotNow].some((kind) => cause instanceof kind)
      if (!isOutside) throw cause
    }
  }
}
