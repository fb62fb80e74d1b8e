/**
 * A worker of the product with a moved clock, that does as it is told: connects accounts, schedules, shows states.
 *
 * What delivers is `startProduct` as people start it; nothing in it is replaced.
 */
import { sql } from 'kysely'
import { request } from 'undici'
import { addSandbox } from '#app/connecting.ts'
import { initialise } from '#app/initialise.ts'
import { addMedia } from '#app/media.ts'
import type { Actor } from '#app/system.ts'
import { readConfig } from '#main/config.ts'
import { startProduct } from '#main/main.ts'
import { networks } from '#networks/registry.ts'
import { consentAnswerUrl } from '#networks/sandbox-kit.ts'
import { readClock } from './clock.ts'
import { picture } from './picture.ts'
import type { Channel, Command, DeliveryRow, Scheduled, World } from './talk.ts'

const { clockFile, knownWorkers } = JSON.parse(process.argv[2] ?? '') as {
  clockFile: string
  knownWorkers: string[]
}
const now = readClock(clockFile)
const product = await startProduct(readConfig(process.env), {
  web: 'none',
  now,
  log: (event) => {
    if (event['level'] === 'error') process.stderr.write(`${JSON.stringify(event)}\n`)
  },
})
const { system } = product

process.on('disconnect', () => process.exit(0))
process.on('message', ({ number, command }: { number: number; command: Command }) => {
  answer(command).then(
    (value) => process.send?.({ number, value }),
    (cause: unknown) =>
      process.send?.({
        number,
        error: cause instanceof Error ? (cause.stack ?? cause.message) : String(cause),
      }),
  )
})
process.send?.({ ready: { workerId: await ownId() } })

function answer(command: Command): Promise<unknown> {
  switch (command.do) {
    case 'set-up':
      return setUp()
    case 'connect':
      return connect(command.world)
    case 'schedule':
      return schedule(command.world, command.items)
    case 'states':
      return states(command.ids)
    case 'wake':
      system.wake()
      return Promise.resolve(null)
  }
}

/** The row of its first beat. Workers are started one after the other, so it is the one nobody knew. */
async function ownId(): Promise<string> {
  for (;;) {
    const { rows } = await sql<{
      id: string
    }>`select id from worker where not id = any(${knownWorkers}::text[])`.execute(system.db)
    if (rows[0]) return rows[0].id
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

async function setUp(): Promise<World> {
  const owner = { workspace: 'Proof', name: 'Owner', email: 'owner@example.com', timeZone: 'UTC' }
  const { workspaceId, ownerId } = await initialise(system.db, owner, now())
  const actor: Actor = { workspaceId, memberId: ownerId, role: 'owner' }
  const { id } = await addMedia(system, actor, 'picture.jpg', picture)
  return { workspaceId, memberId: ownerId, mediaFileId: id }
}

/** Every login of every network; a second time it renews what is there. */
async function connect({ workspaceId, memberId }: World): Promise<Channel[]> {
  const actor: Actor = { workspaceId, memberId, role: 'owner' }
  for (const { definition } of networks)
    for (const login of definition.logins) await addSandbox(system, actor, login.id, visitConsent)
  const { rows } = await sql<
    Omit<Channel, 'takesComment'>
  >`select c.id, c.network, k.login, c.kind from channel c
    join connection k on k.id = c.connection_id where c.workspace_id = ${workspaceId} and c.state = 'active' order by c.id`.execute(
    system.db,
  )
  return rows.map((row) => ({ ...row, takesComment: takesComment(row) }))
}

function takesComment({ network, login }: { network: string; login: string }): boolean {
  const definition = networks.find(({ definition: { id } }) => id === network)?.definition
  return (
    (definition?.comment.value ?? null) !== null &&
    definition?.logins.find(({ id }) => id === login)?.canComment !== false
  )
}

async function visitConsent(url: string): Promise<Record<string, string>> {
  const page = await request(url)
  const answerUrl = consentAnswerUrl(await page.body.text(), url, 'allow')
  if (answerUrl === null) throw new Error('the consent page has no form')
  const given = await request(answerUrl)
  await given.body.dump()
  return Object.fromEntries(new URL(String(given.headers['location'])).searchParams)
}

/** In one transaction, as the product writes a post, its delivery and that of its first comment. */
async function schedule(world: World, items: readonly Scheduled[]): Promise<null> {
  const at = now()
  const dueAt = (dueInMs: number | null) => (dueInMs === null ? null : new Date(at.getTime() + dueInMs))
  const rows = items.map(({ id, postId, parentId, channel, text, withPicture, dueInMs }) => ({
    id,
    post_id: postId,
    parent_id: parentId,
    channel_id: channel.id,
    network: channel.network,
    due_at: dueAt(dueInMs ?? items.find((item) => item.id === parentId)?.dueInMs ?? 0),
    next_at: dueAt(dueInMs),
    text,
    payload: { text, images: withPicture ? [{ mediaFileId: world.mediaFileId, altText: 'A square' }] : [] },
  }))
  await sql`with r as (select * from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
      as r (id text, post_id text, parent_id text, channel_id text, network text, due_at timestamptz, next_at timestamptz, text text, payload jsonb)
    ), posts as (
      insert into post (id, workspace_id, text, is_draft, due_at, created_by, created_at, updated_at)
      select post_id, ${world.workspaceId}, text, false, due_at, ${world.memberId}, ${at}, ${at} from r where parent_id is null
    )
    insert into delivery (id, workspace_id, post_id, parent_id, channel_id, network, state, due_at, next_at, payload, created_at, updated_at)
    select id, ${world.workspaceId}, post_id, parent_id, channel_id, network, 'waiting', due_at, next_at, payload, ${at}, ${at} from r`.execute(
    system.db,
  )
  system.wake()
  return null
}

async function states(ids: readonly string[]): Promise<DeliveryRow[]> {
  const { rows } =
    await sql<DeliveryRow>`select d.id, d.channel_id as "channelId", d.state, d.worker_id as "workerId", d.reason->>'code' as "reason",
      d.hold_reason as "holdReason", (d.lease_until is not null) as "isHeld",
      (extract(epoch from d.next_at) * 1000)::float8 as "nextAt", (extract(epoch from d.updated_at) * 1000)::float8 as "updatedAt",
      (select coalesce(json_agg(json_build_array(a.worker_id, (extract(epoch from a.started_at) * 1000)::float8, a.outcome, a.detail) order by a.number), '[]')
        from attempt a where a.delivery_id = d.id) as attempts
    from delivery d where d.id = any(${[...ids]}::text[])`.execute(system.db)
  return rows
}
