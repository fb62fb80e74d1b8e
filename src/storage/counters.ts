/** Counters that networks told, at rest: the last value of each, and what the ledger counted in the same window. */
import { sql } from 'kysely'
import type { Handle } from './deliveries.ts'

/** Which counter, and whose. */
export type CounterKey = {
  workspaceId: string
  network: string
  login: string
  server: string
  /** Null for the app's. */
  connectionId: string | null
  /** Null unless it is of one page or profile. */
  channelId: string | null
  counter: string
  endpointClass: string | null
}

export type KeptCounter = CounterKey & {
  used: number
  limit: number | null
  resetsAt: Date | null
  toldAt: Date
}

/** Keeps the latest of each; one told earlier, by another process, is not put over it. */
export async function keepCounters(
  db: Handle,
  counters: readonly KeptCounter[],
  keptAt: Date,
): Promise<void> {
  if (counters.length === 0) return
  const rows = counters.map((one) => ({
    workspace_id: one.workspaceId,
    network: one.network,
    login: one.login,
    server: one.server,
    connection_id: one.connectionId,
    channel_id: one.channelId,
    counter: one.counter,
    endpoint_class: one.endpointClass,
    used: one.used,
    most: one.limit,
    resets_at: one.resetsAt,
    told_at: one.toldAt,
  }))
  await sql`insert into network_counter (workspace_id, network, login, server, connection_id, channel_id, counter, endpoint_class,
      used, most, resets_at, told_at, kept_at)
    select r.workspace_id, r.network, r.login, r.server, r.connection_id, r.channel_id, r.counter, r.endpoint_class,
      r.used, r.most, r.resets_at, r.told_at, ${keptAt}
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r (workspace_id text, network text, login text, server text,
      connection_id text, channel_id text, counter text, endpoint_class text, used double precision, most double precision,
      resets_at timestamptz, told_at timestamptz)
    where exists (select 1 from workspace w where w.id = r.workspace_id)
      and (r.connection_id is null or exists (select 1 from connection k where k.id = r.connection_id))
      and (r.channel_id is null or exists (select 1 from channel c where c.id = r.channel_id))
    order by r.workspace_id, r.login, r.server, r.connection_id, r.channel_id, r.counter, r.endpoint_class
    on conflict (workspace_id, login, server, connection_id, channel_id, counter, endpoint_class)
    do update set used = excluded.used, most = excluded.most, resets_at = excluded.resets_at, told_at = excluded.told_at,
      kept_at = excluded.kept_at
    where network_counter.told_at <= excluded.told_at`.execute(db)
}

/**
 * What may still hold calls back, of the whole installation: of a window that has not ended, or told just now. With
 * `since` only what was written from then on, by any process.
 */
export async function readLiveCounters(
  db: Handle,
  now: Date,
  since: Date | null = null,
): Promise<KeptCounter[]> {
  const { rows } = await sql<KeptCounter>`
    select workspace_id as "workspaceId", network, login, server, connection_id as "connectionId", channel_id as "channelId",
      counter, endpoint_class as "endpointClass", used, most as limit, resets_at as "resetsAt", told_at as "toldAt"
    from network_counter where told_at > ${new Date(now.getTime() - liveMs)} and coalesce(resets_at, ${now}) >= ${now}
      ${since === null ? sql`` : sql`and kept_at >= ${since}`}
    order by told_at desc limit 50000`.execute(db)
  return rows.toReversed()
}

const liveMs = 86_400_000

/** Calls that a network refuses until then. */
export type KeptPause = {
  workspaceId: string
  login: string
  server: string
  whose: 'app' | 'connection' | 'endpoint-class'
  /** Null for the app's. */
  connectionId: string | null
  endpointClass: string | null
  until: Date
}

/** Keeps the longest of each. */
export async function keepPauses(db: Handle, pauses: readonly KeptPause[], keptAt: Date): Promise<void> {
  if (pauses.length === 0) return
  const rows = pauses.map((one) => ({
    workspace_id: one.workspaceId,
    login: one.login,
    server: one.server,
    whose: one.whose,
    connection_id: one.connectionId,
    endpoint_class: one.endpointClass,
    until: one.until,
  }))
  await sql`insert into network_pause (workspace_id, login, server, whose, connection_id, endpoint_class, until, kept_at)
    select r.workspace_id, r.login, r.server, r.whose, r.connection_id, r.endpoint_class, r.until, ${keptAt}
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r (workspace_id text, login text, server text, whose text,
      connection_id text, endpoint_class text, until timestamptz)
    where exists (select 1 from workspace w where w.id = r.workspace_id)
      and (r.connection_id is null or exists (select 1 from connection k where k.id = r.connection_id))
    order by r.workspace_id, r.login, r.server, r.whose, r.connection_id, r.endpoint_class
    on conflict (workspace_id, login, server, whose, connection_id, endpoint_class)
    do update set until = excluded.until, kept_at = excluded.kept_at
    where network_pause.until < excluded.until`.execute(db)
}

/** Those that have not ended; with `since` only what was written from then on. */
export async function readPauses(db: Handle, now: Date, since: Date | null = null): Promise<KeptPause[]> {
  const { rows } = await sql<KeptPause>`
    select workspace_id as "workspaceId", login, server, whose, connection_id as "connectionId",
      endpoint_class as "endpointClass", until
    from network_pause where until > ${now} ${since === null ? sql`` : sql`and kept_at >= ${since}`}
    order by until limit 50000`.execute(db)
  return rows
}

export type NamedCounter = KeptCounter & {
  connectionName: string | null
  channelName: string | null
  /** How many pages and profiles share its account; 0 for the app's. */
  channelsOfConnection: number
  /** Whether it is the only one of its login, so that calls made before there was an account are its own. */
  isAlone: boolean
}

/** All of a workspace, those of accounts that were given up left out. */
export async function readCounters(db: Handle, workspaceId: string): Promise<NamedCounter[]> {
  const { rows } = await sql<NamedCounter>`
    select n.workspace_id as "workspaceId", n.network, n.login, n.server, n.connection_id as "connectionId",
      n.channel_id as "channelId", n.counter, n.endpoint_class as "endpointClass", n.used, n.most as limit,
      n.resets_at as "resetsAt", n.told_at as "toldAt", k.name as "connectionName", c.name as "channelName",
      (select count(*)::int from channel o where o.connection_id = n.connection_id) as "channelsOfConnection",
      (select count(distinct case when n.connection_id is null then a.server else a.id end) = 1 from connection a
        where a.workspace_id = ${workspaceId} and a.login = n.login) as "isAlone"
    from network_counter n left join connection k on k.id = n.connection_id left join channel c on c.id = n.channel_id
    where n.workspace_id = ${workspaceId} and (k.id is null or k.state <> 'disconnected')
      and exists (select 1 from connection a where a.workspace_id = ${workspaceId} and a.login = n.login
        and a.server = n.server and a.state <> 'disconnected')
    order by n.network, n.login, n.server, n.connection_id nulls first, n.channel_id nulls first, n.counter, n.endpoint_class
    limit 2000`.execute(db)
  return rows
}

/** What to count in the ledger. `number` names the answer. */
export type Comparison = {
  number: number
  login: string
  server: string
  connectionId: string | null
  /** Also calls that name no account, as while one is connected. */
  withUnnamed: boolean
  /** Null: all. */
  classes: readonly string[] | null
  from: Date
  to: Date
}

export type Compared = { number: number; calls: number; successes: number; items: number }

/**
 * Calls that were answered and not refused for their number, which networks do not count; and the items in them, each
 * once on a day where that is how they are charged.
 */
export async function countForCounters(
  db: Handle,
  workspaceId: string,
  asked: readonly Comparison[],
): Promise<ReadonlyMap<number, Compared>> {
  if (asked.length === 0) return new Map()
  const rows = asked.map(({ connectionId, withUnnamed, ...one }) => ({
    ...one,
    connection_id: connectionId,
    with_unnamed: withUnnamed,
  }))
  const { rows: counted } = await sql<Compared>`
    select q.number, count(r.call_id)::int as calls, (count(r.call_id) filter (where r.status < 300))::int as successes,
      coalesce(sum(coalesce(r.fresh_items, r.items)) filter (where r.status < 300), 0)::int as items
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as q (number int, login text, server text, connection_id text,
      with_unnamed boolean, classes jsonb, "from" timestamptz, "to" timestamptz)
    left join lateral (
      select a.call_id, a.status, a.items, a.fresh_items
      from access_record a left join connection k on k.id = a.connection_id
      where a.workspace_id = ${workspaceId} and a.kind = 'settle' and a.login = q.login and a.status is not null
        and a.purpose <> 'ai'
        and a.status <> 429 and a.at >= q."from" and a.at <= q."to"
        and (case when a.connection_id is null then q.with_unnamed
          else k.server = q.server and (q.connection_id is null or a.connection_id = q.connection_id) end)
        and (q.classes is null or jsonb_typeof(q.classes) = 'null' or q.classes ? a.endpoint_class)
    ) r on true
    group by q.number`.execute(db)
  return new Map(counted.map((one) => [one.number, one]))
}
