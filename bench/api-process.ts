/** A server with 10,000 posts, and beside it a bare Fastify route that gives the same answer. */
import Fastify from 'fastify'
import { sql } from 'kysely'
import { initialise } from '#app/initialise.ts'
import { newId } from '#domain/id.ts'
import { readConfig } from '#main/config.ts'
import { startProduct } from '#main/main.ts'

export type ApiAnswer = { url: string; bareUrl: string; apiKey: string }

const postCount = 10_000

const product = await startProduct(readConfig(process.env), { web: 'none' })
const { db } = product.system
const now = new Date()
const owner = { workspace: 'Benchmark', name: 'Owner', email: 'owner@example.com', timeZone: 'UTC' }
const { workspaceId, ownerId, apiKey } = await initialise(db, owner, now)
await fill()
const url = `${product.url}/api/v1/posts`
const body: unknown = await (await fetch(url, { headers: { authorization: `Bearer ${apiKey}` } })).json()

const bare = Fastify({ logger: false })
bare.get('/', async () => body)
const bareUrl = await bare.listen({ host: '127.0.0.1', port: 0 })
process.once('SIGTERM', () => {
  void Promise.all([bare.close(), product.close()]).then(() => process.exit(0))
})
process.stdout.write(`${JSON.stringify({ url, bareUrl: `${bareUrl}/`, apiKey })}\n`)

/** Published posts, one delivery each, over three channels. */
async function fill(): Promise<void> {
  const connectionId = newId('con', now)
  const channelIds = [1, 2, 3].map(() => newId('chn', now))
  await sql`insert into connection (id, workspace_id, network, login, remote_account_id, name, sealed_grant, created_at, updated_at)
    values (${connectionId}, ${workspaceId}, 'x', 'x', '1', 'Benchmark', '', ${now}, ${now})`.execute(db)
  await sql`insert into channel (id, workspace_id, connection_id, network, remote_id, kind, name, created_at)
    select id, ${workspaceId}, ${connectionId}, 'x', id, 'profile', 'Benchmark', ${now} from unnest(${channelIds}::text[]) as c (id)`.execute(
    db,
  )
  const rows = Array.from({ length: postCount }, (_, index) => ({
    post_id: newId('pst', now),
    variant_id: newId('var', now),
    id: newId('dlv', now),
    channel_id: channelIds[index % channelIds.length],
    text: `Post ${index} of the benchmark`,
    due_at: new Date(now.getTime() - index * 60_000),
  }))
  await sql`with r as (
      select * from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r (post_id text, variant_id text, id text, channel_id text, text text, due_at timestamptz)
    ), posts as (
      insert into post (id, workspace_id, text, is_draft, due_at, created_by, created_at, updated_at)
      select post_id, ${workspaceId}, text, false, due_at, ${ownerId}, due_at, due_at from r
    ), variants as (
      insert into variant (id, workspace_id, post_id, channel_id) select variant_id, ${workspaceId}, post_id, channel_id from r
    )
    insert into delivery (id, workspace_id, post_id, channel_id, network, state, due_at, published_at, remote_id, url, payload, created_at, updated_at)
    select id, ${workspaceId}, post_id, channel_id, 'x', 'published', due_at, due_at, id, 'https://example.com/' || id,
      jsonb_build_object('text', text, 'images', '[]'::jsonb), due_at, due_at from r`.execute(db)
  await sql`analyze`.execute(db)
}
