/** Opens a channel for the engine: live token, hosts, version and door. Refreshes under a lock, persists before use. */
import { sql } from 'kysely'
import { LitfassError } from '#domain/errors.ts'
import type { OpenedChannel } from '#engine/deliver.ts'
import type { DeliveryPayload, Grant, LoginMethod, Network, VerbContext } from '#networks/contract.ts'
import { createMeteredFetch } from '#networks/metered-fetch.ts'
import { appOf } from './network-apps.ts'
import { readMedia, signedMediaUrl } from './media.ts'
import type { System } from './system.ts'

type Row = {
  channelId: string
  remoteId: string
  kind: OpenedChannel['access']['kind']
  connectionId: string
  login: string
  sandbox: boolean
  state: string
  stateReason: string | null
  sealedGrant: string
  sealedToken: string | null
}

/** A token is renewed when it has less than this left. */
const refreshAheadMs = 5 * 60_000

export type ChannelUse = { workspaceId: string; channelId: string; deliveryId: string | null; actor: string }

/** Throws `channel_unavailable` or `connection_expired`. */
export async function openChannel(system: System, use: ChannelUse): Promise<OpenedChannel> {
  const row = await rowOf(system, use)
  const { network, login } = found(system, row.login)
  const meter = system.ledger.scoped({
    workspaceId: use.workspaceId,
    connectionId: row.connectionId,
    deliveryId: use.deliveryId,
    actor: use.actor,
    definition: network.definition,
    now: system.now,
  })
  const context: VerbContext = {
    login,
    hosts: system.hostsOf(network, login, row.sandbox),
    version: network.definition.version?.value.name ?? '',
    fetch: createMeteredFetch(meter),
    now: system.now,
  }
  const grant = await liveGrant(system, use, row, network, login, context)
  const accessToken =
    row.sealedToken === null
      ? grant.accessToken
      : system.sealer.open(`channel/${row.channelId}/token`, row.sealedToken)
  return {
    network,
    context,
    access: {
      channelId: row.channelId,
      remoteId: row.remoteId,
      kind: row.kind,
      accessToken,
      scopes: grant.scopes,
    },
  }
}

async function rowOf(system: System, use: ChannelUse): Promise<Row> {
  const { rows } =
    await sql<Row>`select c.id as "channelId", c.remote_id as "remoteId", c.kind, k.id as "connectionId", k.login, k.sandbox, k.state,
      k.state_reason as "stateReason", k.sealed_grant as "sealedGrant", c.sealed_token as "sealedToken"
    from channel c join connection k on k.id = c.connection_id
    where c.workspace_id = ${use.workspaceId} and c.id = ${use.channelId}`.execute(system.db)
  const row = rows[0]
  if (!row || row.state === 'disconnected')
    throw new LitfassError('channel_unavailable', 'This channel is not connected any more', {
      remedy: 'Connect the account again; what is scheduled goes on then.',
    })
  return row
}

function found(system: System, login: string): { network: Network; login: LoginMethod } {
  const known = system.loginById(login)
  if (!known)
    throw new LitfassError('network_unknown', `This version knows no login ${login}`, {
      remedy: 'Update Litfass, or disconnect the account.',
    })
  return known
}

function openGrant(system: System, connectionId: string, sealed: string): Grant {
  const raw = JSON.parse(system.sealer.open(`connection/${connectionId}/grant`, sealed)) as Grant
  const at = (value: Date | undefined) => (value === undefined ? undefined : new Date(value))
  const grant: Grant = { ...raw }
  for (const field of ['accessExpiresAt', 'refreshExpiresAt', 'dataAccessExpiresAt'] as const) {
    const value = at(raw[field])
    if (value !== undefined) grant[field] = value
  }
  return grant
}

async function liveGrant(
  system: System,
  use: ChannelUse,
  row: Row,
  network: Network,
  login: LoginMethod,
  context: VerbContext,
): Promise<Grant> {
  const grant = openGrant(system, row.connectionId, row.sealedGrant)
  const isFresh = (candidate: Grant) =>
    candidate.accessExpiresAt === undefined ||
    candidate.accessExpiresAt.getTime() - system.now().getTime() > refreshAheadMs
  if (isFresh(grant)) return grant
  return serially(row.connectionId, async () => {
    // Another delivery may have renewed it while this one waited: read again inside the lock.
    const current = await rowOf(system, use)
    const latest = openGrant(system, row.connectionId, current.sealedGrant)
    if (isFresh(latest)) return latest
    return renew(system, use, row, network, login, context, latest)
  })
}

async function renew(
  system: System,
  use: ChannelUse,
  row: Row,
  network: Network,
  login: LoginMethod,
  context: VerbContext,
  grant: Grant,
): Promise<Grant> {
  const now = system.now()
  const app = await appOf(
    system,
    { workspaceId: use.workspaceId, memberId: use.actor, role: 'owner' },
    login,
    row.sandbox,
  )
  const outcome = await network.refresh(context, grant, app)
  const isAlive = grant.accessExpiresAt === undefined || grant.accessExpiresAt > now
  switch (outcome.kind) {
    case 'refreshed':
      await sql`update connection set sealed_grant = ${system.sealer.seal(`connection/${row.connectionId}/grant`, JSON.stringify(outcome.grant))},
        access_expires_at = ${outcome.grant.accessExpiresAt ?? null}, refresh_expires_at = ${outcome.grant.refreshExpiresAt ?? null}, updated_at = ${now}
        where id = ${row.connectionId} and workspace_id = ${use.workspaceId}`.execute(system.db)
      return outcome.grant
    case 'not-needed':
      return grant
    case 'unavailable':
      if (isAlive) return grant
      throw new Error(`the token could not be renewed: ${outcome.message}`)
    case 'dead':
      if (isAlive) return grant
      await sql`update connection set state = 'needs-reauthorisation', state_reason = ${outcome.message}, updated_at = ${now} where id = ${row.connectionId}`.execute(
        system.db,
      )
      throw new LitfassError('connection_expired', `The access has ended: ${outcome.message}`, {
        remedy: 'Reconnect the account; what is scheduled goes on then.',
      })
  }
}

/** One at a time per connection in this process. Single-use refresh tokens die when two callers present one. */
const queues = new Map<string, Promise<unknown>>()
function serially<T>(key: string, run: () => Promise<T>): Promise<T> {
  const previous = queues.get(key) ?? Promise.resolve()
  const next = previous.then(run, run)
  const settled = next.catch(() => undefined)
  queues.set(key, settled)
  void settled.then(() => {
    if (queues.get(key) === settled) queues.delete(key)
  })
  return next
}

type StoredPayload = {
  text: string
  link?: string
  images: ReadonlyArray<{ mediaFileId: string; altText: string }>
}
type MediaRow = { id: string; mimeType: string; bytes: number; width: number; height: number }

/** The stored payload with its images' bytes and signed URLs. */
export async function openPayload(
  system: System,
  workspaceId: string,
  payload: unknown,
): Promise<DeliveryPayload> {
  const stored = payload as StoredPayload
  const base = { text: stored.text, ...(stored.link === undefined ? {} : { link: stored.link }) }
  if (stored.images.length === 0) return { ...base, images: [] }
  const { rows } =
    await sql<MediaRow>`select id, mime_type as "mimeType", bytes::int as bytes, width, height from media_file
    where workspace_id = ${workspaceId} and id = any(${stored.images.map((image) => image.mediaFileId)}::text[])`.execute(
      system.db,
    )
  const images = stored.images.map(({ mediaFileId, altText }) => {
    const row = rows.find((candidate) => candidate.id === mediaFileId)
    if (!row)
      throw new LitfassError('not_found', `The media file ${mediaFileId} is gone`, {
        remedy: 'Attach the image again.',
      })
    const { id, ...facts } = row
    return {
      mediaFileId: id,
      ...facts,
      altText,
      publicUrl: signedMediaUrl(system, id, system.now()),
      read: () => readMedia(system, id),
    }
  })
  return { ...base, images }
}
