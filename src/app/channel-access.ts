/** Opens a channel for the engine: live token, hosts, version and door; and a payload with its images. */
import { sql } from 'kysely'
import { LitfassError } from '#domain/errors.ts'
import type { Source } from '#domain/breaker.ts'
import type { DeliveringChannel } from '#engine/deliver.ts'
import { watchedFetch } from '#engine/watched-fetch.ts'
import type {
  DeliveryPayload,
  Grant,
  LoginMethod,
  Network,
  NetworkHosts,
  VerbContext,
} from '#networks/contract.ts'
import { createMeteredFetch } from '#networks/metered-fetch.ts'
import { type ChannelRow, readChannel } from '#storage/deliveries.ts'
import { liveGrant, notConnected, replaceRefused, usable } from './live-grant.ts'
import { readMedia, signedMediaUrl } from './media.ts'
import { appOfGrant } from './known-apps.ts'
import { serverOf } from './outages.ts'
import type { System } from './system.ts'

export type ChannelUse = {
  workspaceId: string
  channelId: string
  deliveryId: string | null
  actor: string
  /** Something new is to go out: also the channel itself must be in use. Looking is possible without. */
  isForSending?: boolean
  /** See `MeterScope`. */
  settlesBehind?: boolean
  /** As it was just read, so that it is not read again. */
  row?: ChannelRow
}

/** Throws `channel_unavailable` or `connection_expired`, and `NotNow` where it may work later. */
export async function openChannel(system: System, use: ChannelUse): Promise<DeliveringChannel> {
  const row = await rowOf(system, use)
  const connection = usable(row.connection)
  const { network, login } = found(system, connection.login)
  const source = sourceOf(connection)
  const channel = { id: use.channelId, remoteId: row.remoteId }
  const context = contextOf(system, use, connection, network, login, channel)
  const isSandbox = connection.sandbox
  const grantUse = { ...use, source, isSandbox, network, login, context }
  const grant = await liveGrant(system, grantUse, connection.sealedGrant)
  if (serverOf(isSandbox, grant) !== connection.server) {
    await moveServer(system, use, connection.id, serverOf(isSandbox, grant))
    const { row: _, ...again } = use
    return openChannel(system, again)
  }
  const accessToken =
    row.sealedToken === null
      ? grant.accessToken
      : system.sealer.open(`channel/${use.channelId}/token`, row.sealedToken)
  const app = appOfGrant(system, use.workspaceId, login, connection.sandbox, grant.clientId)
  return {
    network,
    source,
    context: { ...context, hosts: hostsOfGrant(context.hosts, grant), app },
    access: {
      channelId: use.channelId,
      remoteId: row.remoteId,
      kind: row.kind,
      accessToken,
      ...(grant.proofKey === undefined ? {} : { proofKey: grant.proofKey }),
      scopes: grant.scopes,
    },
    renewAccess: () => replaceRefused(system, grantUse, grant),
  }
}

export function sourceOf({
  id,
  login,
  server,
}: Pick<ChannelRow['connection'], 'id' | 'login' | 'server'>): Source {
  return { login, server, connectionId: id }
}

/** An account that was connected before servers were told apart. */
async function moveServer(
  system: System,
  use: ChannelUse,
  connectionId: string,
  server: string,
): Promise<void> {
  await sql`update connection set server = ${server} where workspace_id = ${use.workspaceId} and id = ${connectionId}`.execute(
    system.db,
  )
}

/** Uploads go where the account lives, too. */
function hostsOfGrant(hosts: NetworkHosts, { apiUrl }: Grant): NetworkHosts {
  return apiUrl === undefined ? hosts : { ...hosts, apiUrl, uploadUrl: apiUrl }
}

async function rowOf(system: System, use: ChannelUse): Promise<ChannelRow> {
  const row = use.row ?? (await readChannel(system.db, use.workspaceId, use.channelId))
  if (!row || (row.state !== 'active' && use.isForSending)) throw notConnected()
  return row
}

export function contextOf(
  system: System,
  use: Omit<ChannelUse, 'channelId'>,
  connection: Pick<ChannelRow['connection'], 'id' | 'login' | 'sandbox' | 'server'>,
  network: Network,
  login: LoginMethod,
  channel: { id: string; remoteId: string } | null = null,
): VerbContext {
  const pace = system.counters.scoped({
    workspaceId: use.workspaceId,
    network,
    login: login.id,
    server: connection.server,
    connectionId: connection.id,
    channel,
    now: system.now,
  })
  const meter = system.ledger.scoped({
    workspaceId: use.workspaceId,
    connectionId: connection.id,
    deliveryId: use.deliveryId,
    actor: use.actor,
    definition: network.definition,
    login: login.id,
    isSandbox: connection.sandbox,
    settlesBehind: use.settlesBehind ?? false,
    now: system.now,
  })
  const hosts = system.hostsOf(network, login, connection.sandbox)
  return {
    login,
    hosts,
    version: network.definition.version?.value.name ?? '',
    fetch: watchedFetch(
      createMeteredFetch(meter, system.allowsPrivateHosts ? null : hosts, pace),
      sourceOf(connection),
      system.breakers,
    ),
    now: system.now,
    app: async () => null,
  }
}

export function found(system: System, login: string): { network: Network; login: LoginMethod } {
  const known = system.loginById(login)
  if (!known)
    throw new LitfassError('network_unknown', `This version knows no login ${login}`, {
      remedy: 'Update Litfass, or disconnect the account.',
    })
  return known
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
