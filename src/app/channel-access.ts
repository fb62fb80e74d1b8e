/** Opens a channel for the engine: live token, hosts, version and door; and a payload with its images. */
import { sql } from 'kysely'
import { LitfassError } from '#domain/errors.ts'
import { createBatcher } from '#engine/batcher.ts'
import type { OpenedChannel } from '#engine/deliver.ts'
import type {
  DeliveryPayload,
  Grant,
  LoginMethod,
  Network,
  NetworkHosts,
  VerbContext,
} from '#networks/contract.ts'
import { createMeteredFetch } from '#networks/metered-fetch.ts'
import type { Handle } from '#storage/deliveries.ts'
import { liveGrant, usable } from './live-grant.ts'
import { readMedia, signedMediaUrl } from './media.ts'
import { appOfGrant } from './network-apps.ts'
import type { System } from './system.ts'

type Row = {
  workspaceId: string
  channelId: string
  channelState: string
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

export type ChannelUse = {
  workspaceId: string
  channelId: string
  deliveryId: string | null
  actor: string
  /** Something new is to go out: also the channel itself must be in use. Looking is possible without. */
  isForSending?: boolean
}

/** Throws `channel_unavailable` or `connection_expired`, and `NotNow` where it may work later. */
export async function openChannel(system: System, use: ChannelUse): Promise<OpenedChannel> {
  const row = await rowOf(system, use)
  const { network, login } = found(system, row.login)
  const context = contextOf(system, use, row, network, login)
  const grant = await liveGrant(
    system,
    { ...use, connectionId: row.connectionId, isSandbox: row.sandbox, network, login, context },
    row.sealedGrant,
  )
  const accessToken =
    row.sealedToken === null
      ? grant.accessToken
      : system.sealer.open(`channel/${row.channelId}/token`, row.sealedToken)
  const app = appOfGrant(system, use.workspaceId, login, row.sandbox, grant.clientId)
  return {
    network,
    context: { ...context, hosts: hostsOfGrant(context.hosts, grant), app },
    access: {
      channelId: row.channelId,
      remoteId: row.remoteId,
      kind: row.kind,
      accessToken,
      scopes: grant.scopes,
    },
  }
}

/** Uploads go where the account lives, too. */
function hostsOfGrant(hosts: NetworkHosts, { apiUrl }: Grant): NetworkHosts {
  return apiUrl === undefined ? hosts : { ...hosts, apiUrl, uploadUrl: apiUrl }
}

async function rowOf(system: System, use: ChannelUse): Promise<Row> {
  const read = readers.get(system.db) ?? createReader(system.db)
  readers.set(system.db, read)
  const row = await read(use)
  return usable(row && (row.channelState === 'active' || !use.isForSending) ? row : undefined)
}

type Reader = (use: ChannelUse) => Promise<Row | undefined>
const readers = new WeakMap<Handle, Reader>()

/** Deliveries open their channels by the dozen: together, and never from memory, so that a disconnect counts. */
function createReader(db: Handle): Reader {
  return createBatcher(async (uses) => {
    const { rows } =
      await sql<Row>`select c.workspace_id as "workspaceId", c.id as "channelId", c.state as "channelState", c.remote_id as "remoteId",
        c.kind, k.id as "connectionId", k.login, k.sandbox, k.state, k.state_reason as "stateReason",
        k.sealed_grant as "sealedGrant", c.sealed_token as "sealedToken"
      from unnest(${uses.map((use) => use.workspaceId)}::text[], ${uses.map((use) => use.channelId)}::text[]) as wanted (workspace_id, id)
      join channel c on c.workspace_id = wanted.workspace_id and c.id = wanted.id
      join connection k on k.id = c.connection_id`.execute(db)
    return ({ workspaceId, channelId }) =>
      rows.find((row) => row.channelId === channelId && row.workspaceId === workspaceId)
  })
}

export function contextOf(
  system: System,
  use: Omit<ChannelUse, 'channelId'>,
  row: { connectionId: string; sandbox: boolean },
  network: Network,
  login: LoginMethod,
): VerbContext {
  const meter = system.ledger.scoped({
    workspaceId: use.workspaceId,
    connectionId: row.connectionId,
    deliveryId: use.deliveryId,
    actor: use.actor,
    definition: network.definition,
    now: system.now,
  })
  const hosts = system.hostsOf(network, login, row.sandbox)
  return {
    login,
    hosts,
    version: network.definition.version?.value.name ?? '',
    fetch: createMeteredFetch(meter, system.allowsPrivateHosts ? null : hosts),
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
