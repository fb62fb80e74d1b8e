/** A workspace of the product with accounts at the simulated X, and posts that are due. */
import { sql } from 'kysely'
import sharp from 'sharp'
import { adoptGrant } from '#app/connecting.ts'
import { initialise } from '#app/initialise.ts'
import { addMedia } from '#app/media.ts'
import type { Actor, System } from '#app/system.ts'
import { newId } from '#domain/id.ts'
import { neededScopes } from '#networks/x/definition.ts'
import { signInAll } from './accounts.ts'

export async function firstOwner(system: System): Promise<Actor> {
  const owner = { workspace: 'Benchmark', name: 'Owner', email: 'owner@example.com', timeZone: 'UTC' }
  const { workspaceId, ownerId } = await initialise(system.db, owner, system.now())
  return { workspaceId, memberId: ownerId, role: 'owner' }
}

/** Ids of that many channels, each of an account of its own. */
export async function connectAll(
  system: System,
  actor: Actor,
  from: { apiUrl: string; leg: string; count?: number },
): Promise<string[]> {
  const channelIds: string[] = []
  for (const { accessToken } of await signInAll(from.apiUrl, from.leg, from.count)) {
    const { channels } = await adoptGrant(system, actor, 'x', { accessToken, scopes: neededScopes })
    channelIds.push(...channels.map(({ id }) => id))
  }
  return channelIds
}

export async function addPicture(system: System, actor: Actor): Promise<string> {
  const picture = sharp({ create: { width: 400, height: 400, channels: 3, background: '#0af' } })
  return (await addMedia(system, actor, 'picture.png', await picture.png().toBuffer())).id
}

export type Batch = {
  channelIds: readonly string[]
  texts: readonly string[]
  firstDueAt: Date
  /** They are due one after the other, over so long. Milliseconds. */
  withinMs?: number
  /** A picture in each of them. */
  mediaFileId?: string
}

/** In one transaction, so that workers see all of them at once. */
export async function schedule(system: System, actor: Actor, batch: Batch): Promise<void> {
  const { channelIds, texts, firstDueAt, withinMs = 0, mediaFileId } = batch
  const now = system.now()
  const images = mediaFileId === undefined ? [] : [{ mediaFileId, altText: '' }]
  const rows = texts.map((text, index) => ({
    post_id: newId('pst', now),
    id: newId('dlv', now),
    channel_id: channelIds[index % channelIds.length],
    text,
    due_at: new Date(firstDueAt.getTime() + (index * withinMs) / texts.length),
  }))
  await sql`with r as (
      select * from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r (post_id text, id text, channel_id text, text text, due_at timestamptz)
    ), posts as (
      insert into post (id, workspace_id, text, is_draft, due_at, created_by, created_at, updated_at)
      select post_id, ${actor.workspaceId}, text, false, due_at, ${actor.memberId}, ${now}, ${now} from r
    )
    insert into delivery (id, workspace_id, post_id, channel_id, network, state, due_at, next_at, payload, created_at, updated_at)
    select id, ${actor.workspaceId}, post_id, channel_id, 'x', 'waiting', due_at, due_at,
      jsonb_build_object('text', text, 'images', ${JSON.stringify(images)}::jsonb), ${now}, ${now} from r`.execute(
    system.db,
  )
  system.wake()
}
