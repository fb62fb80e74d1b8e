/** What must hold of a database after a history, asked in words of its own: PostgreSQL counts the periods here. */
import { sql } from 'kysely'
import type { NetworkDefinition, RemoteChannel } from '#networks/contract.ts'
import type { Handle } from '#storage/deliveries.ts'

/** Everything that is kept of networks, and how much is left of each: a name goes before its id does, or with it. */
export type Snapshot = ReadonlyMap<string, string>

export async function snapshot(db: Handle, workspaceId: string): Promise<Snapshot> {
  const { rows } = await sql<{ key: string; left: string }>`
    select 'reading ' || id as key, '' as left from reading where workspace_id = ${workspaceId}
    union all select 'channel ' || id, (read_at is null) || ' ' || remote_id from channel where workspace_id = ${workspaceId}
    union all select 'account ' || id, (read_at is null) || ' ' || remote_account_id from connection where workspace_id = ${workspaceId}
    union all select 'post ' || id, '' from delivery where workspace_id = ${workspaceId} and remote_id is not null`.execute(
    db,
  )
  return new Map(rows.map(({ key, left }) => [key, left]))
}

type Place = { item: 'reading' | 'channel' | 'account' | 'remote-post'; rows: string }

/** Each with network, kind of channel, time of reading and connection's state; written for this check alone. */
const places: readonly Place[] = [
  {
    item: 'reading',
    rows: `select r.workspace_id, c.network, c.kind, r.read_at, k.state from reading r
      join channel c on c.id = r.channel_id join connection k on k.id = c.connection_id`,
  },
  {
    item: 'channel',
    rows: `select c.workspace_id, c.network, c.kind, c.read_at, k.state from channel c
      join connection k on k.id = c.connection_id where c.read_at is not null`,
  },
  {
    item: 'account',
    rows: `select k.workspace_id, k.network, 'profile' as kind, k.read_at, k.state from connection k where k.read_at is not null`,
  },
  {
    item: 'remote-post',
    rows: `select d.workspace_id, d.network, c.kind, d.published_at as read_at, k.state from delivery d
      join channel c on c.id = d.channel_id join connection k on k.id = c.connection_id where d.remote_id is not null`,
  },
]

/** What the history did itself. */
export type Known = {
  /** Texts by post. */
  authored: ReadonlyMap<string, string>
  /** When each connection was made, or made again. */
  granted: ReadonlyMap<string, Date>
}

export async function violations(
  db: Handle,
  workspaceId: string,
  definitions: readonly NetworkDefinition[],
  now: Date,
  { authored, granted }: Known,
): Promise<string[]> {
  const found: string[] = []
  for (const definition of definitions)
    for (const place of places) found.push(...(await overdue(db, workspaceId, definition, place, now)))
  return [
    ...found,
    ...(await openOnes(db, workspaceId)),
    ...(await unheard(db, workspaceId, granted)),
    ...(await lost(db, workspaceId, authored)),
  ]
}

/** Rows past a rule's period, and rows of accounts that left where a rule ends them. */
async function overdue(
  db: Handle,
  workspaceId: string,
  { id, keeps, dataTerms }: NetworkDefinition,
  { item, rows: source }: Place,
  now: Date,
): Promise<string[]> {
  const found: string[] = []
  for (const rule of dataTerms.value) {
    const channelKinds = kindsOf(keeps[item], rule.dataClass)
    if (channelKinds.length === 0 || rule.since > now.toISOString().slice(0, 10)) continue
    const isPast =
      rule.keepFor === null
        ? sql`false`
        : sql`(p.read_at at time zone 'UTC' + ${rule.keepFor}::interval) at time zone 'UTC' <= ${now}`
    const isLeft = rule.deleteOn.disconnected === undefined ? sql`false` : sql`p.state = 'disconnected'`
    const { rows } = await sql<{ count: number }>`
      select count(*)::int as count from (${sql.raw(source)}) p where p.workspace_id = ${workspaceId} and p.network = ${id}
        and p.kind = any(${channelKinds}::text[]) and (${isPast} or ${isLeft})`.execute(db)
    const count = rows[0]?.count ?? 0
    if (count > 0)
      found.push(`${count} of ${item} at ${id} outlive rule ${rule.id} (${rule.keepFor ?? 'disconnected'})`)
  }
  return found
}

const allKinds: readonly RemoteChannel['kind'][] = ['page', 'profile', 'organisation', 'member']

/** The kinds of channel whose rows are of the class. */
function kindsOf(kept: NetworkDefinition['keeps'][Place['item']], dataClass: string): string[] {
  return allKinds.filter((kind) => {
    const own = typeof kept === 'string' ? kept : kept[kind]
    return dataClass === '*' || own === dataClass
  })
}

async function openOnes(db: Handle, workspaceId: string): Promise<string[]> {
  const { rows } = await sql<{ reason: string; scope: string }>`select reason, scope from deletion
    where workspace_id = ${workspaceId} and done_at is null`.execute(db)
  return rows.map(({ reason, scope }) => `a deletion (${reason}, ${scope}) is not done`)
}

/** What is left of posts and accounts whose owner asked, where nobody connected the account again since. */
async function unheard(
  db: Handle,
  workspaceId: string,
  granted: ReadonlyMap<string, Date>,
): Promise<string[]> {
  const ids = [...granted.keys()]
  const asked = sql`exists (select 1 from deletion d where d.workspace_id = ${workspaceId} and d.reason in ('request', 'terminated')
    and (d.delivery_id = p.delivery_id or (p.state = 'disconnected' and d.created_at > p.granted_at
      and (d.connection_id = p.connection_id or (d.scope = 'network' and d.network = p.network)))))`
  const { rows } = await sql<{ what: string }>`
    select p.what from (select what.*, g.granted_at from unnest(${ids}::text[], ${[...granted.values()]}::timestamptz[])
      as g (id, granted_at) join (
      select 'a reading' as what, r.delivery_id, k.id as connection_id, k.state, k.network
        from reading r join channel c on c.id = r.channel_id join connection k on k.id = c.connection_id
      union all select 'the id of a post', v.id, k.id, k.state, k.network
        from delivery v join channel c on c.id = v.channel_id join connection k on k.id = c.connection_id
        where v.remote_id is not null or v.url is not null
      union all select 'the name of a channel', null, k.id, k.state, k.network
        from channel c join connection k on k.id = c.connection_id where c.handle is not null or c.remote_id not like 'deleted:%'
      union all select 'the name of an account', null, k.id, k.state, k.network
        from connection k where k.remote_account_id not like 'deleted:%') what on what.connection_id = g.id) p
    where ${asked}`.execute(db)
  return rows.map(({ what }) => `${what} is left although its owner asked`)
}

/** What people wrote has to be there word for word, in posts and in what was sent. */
async function lost(
  db: Handle,
  workspaceId: string,
  authored: ReadonlyMap<string, string>,
): Promise<string[]> {
  const { rows } = await sql<{ id: string; text: string; sent: string; state: string }>`
    select p.id, p.text, d.payload->>'text' as sent, d.state from post p join delivery d on d.post_id = p.id
    where p.workspace_id = ${workspaceId}`.execute(db)
  const there = new Map(rows.map((row) => [row.id, row]))
  return [...authored].flatMap(([id, text]) => {
    const row = there.get(id)
    return row?.text === text && row.sent === text && row.state === 'published'
      ? []
      : [`the post ${id} is lost or changed`]
  })
}
