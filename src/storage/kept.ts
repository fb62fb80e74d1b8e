/**
 * The four places where data read from networks is kept, as the sweeps of retention see them.
 *
 * A reading is a row of its own and goes as a whole. Names of accounts and channels, and the id and link of a
 * published post, stand beside what people made: of those only the columns go, and the row stays.
 */
import { type RawBuilder, sql } from 'kysely'
import type { EndReason } from '#domain/retention.ts'

export type Item = 'reading' | 'channel' | 'account' | 'remote-post'

type Sql = RawBuilder<unknown>

/** What a deletion is about. */
export type Scope = {
  workspaceId: string
  network: string
  scope: 'delivery' | 'connection' | 'network'
  connectionId: string | null
  deliveryId: string | null
}

/** A place. Its pieces of SQL speak of a row `k`, and of `r` where that row is named as one to delete. */
export type Kept = {
  item: Item
  table: Sql
  readAt: Sql
  /** Whether what its clock is about is still there. */
  isThere: Sql
  /** Whether the account's own ids are, which outlive a disconnect. */
  hasIds: Sql
  /** The kind of channel the row is about. */
  channelKind: Sql
  /** The connection it was read with. */
  connection: Sql
  belongs: (scope: Scope & { reason: EndReason }) => Sql
  /** What takes the data of the rows `r` away. `forgetsIds`: the account's own ids too. */
  dispose: (forgetsIds: boolean) => Sql
  /** What else tells of it: further parts of the statement, about the rows `doomed`. */
  traces: Sql
}

/** In its place, since every channel and account is called something. The same in every language. */
const nameless = sql`coalesce(r.network_name, k.network)`

const channelKind = sql`(select c.kind from channel c where c.id = k.channel_id)`
const connection = sql`(select c.connection_id from channel c where c.id = k.channel_id)`

function channelsOf({ workspaceId, network, scope, connectionId }: Scope): Sql {
  const within = scope === 'connection' ? sql`c.connection_id = ${connectionId}` : sql`c.network = ${network}`
  return sql`select c.id from channel c where c.workspace_id = ${workspaceId} and ${within}`
}

export const kept: readonly Kept[] = [
  {
    item: 'reading',
    table: sql`reading`,
    readAt: sql`k.read_at`,
    isThere: sql`true`,
    hasIds: sql`true`,
    channelKind,
    connection,
    belongs: (of) =>
      of.scope === 'delivery'
        ? sql`k.delivery_id = ${of.deliveryId}`
        : sql`k.channel_id in (${channelsOf(of)})`,
    dispose: () => sql`delete from reading k using doomed r where k.id = r.id`,
    traces: sql``,
  },
  {
    item: 'channel',
    table: sql`channel`,
    readAt: sql`k.read_at`,
    isThere: sql`k.read_at is not null`,
    hasIds: sql`k.remote_id not like 'deleted:%'`,
    channelKind: sql`k.kind`,
    connection: sql`k.connection_id`,
    belongs: (of) => (of.scope === 'delivery' ? sql`false` : sql`k.id in (${channelsOf(of)})`),
    dispose: (
      forgetsIds,
    ) => sql`update channel k set name = ${nameless}, handle = null, url = null, read_at = null,
      expires_at = null ${forgetsIds ? sql`, remote_id = 'deleted:' || k.id, sealed_token = null` : sql``}
      from doomed r where k.id = r.id`,
    traces: sql`, unnamed as (
      update notice n set params = n.params || jsonb_build_object('channel', coalesce(r.network_name, r.network))
      from doomed r join delivery v on v.channel_id = r.id
      where n.workspace_id = r.workspace_id and n.subject_kind = 'delivery' and n.subject_id = v.id)`,
  },
  {
    item: 'account',
    table: sql`connection`,
    readAt: sql`k.read_at`,
    isThere: sql`k.read_at is not null`,
    hasIds: sql`k.remote_account_id not like 'deleted:%'`,
    channelKind: sql`'profile'::text`,
    connection: sql`k.id`,
    belongs: (of) =>
      of.scope === 'delivery'
        ? sql`false`
        : of.scope === 'connection'
          ? sql`k.id = ${of.connectionId}`
          : sql`k.network = ${of.network}`,
    dispose: (forgetsIds) => sql`update connection k set name = ${nameless}, read_at = null, expires_at = null
      ${forgetsIds ? sql`, remote_account_id = 'deleted:' || k.id, callback_id = null` : sql``}
      from doomed r where k.id = r.id`,
    traces: sql`, unnamed as (
      update notice n set params = n.params || jsonb_build_object('connection', coalesce(r.network_name, r.network))
      from doomed r
      where n.workspace_id = r.workspace_id and n.subject_kind = 'connection' and n.subject_id = r.id)`,
  },
  {
    item: 'remote-post',
    table: sql`delivery`,
    readAt: sql`coalesce(k.published_at, k.updated_at)`,
    isThere: sql`k.remote_id is not null`,
    hasIds: sql`k.remote_id is not null`,
    channelKind,
    connection,
    // A comment below may outlive the post; whoever asks means both.
    belongs: (of) =>
      of.scope !== 'delivery'
        ? sql`k.channel_id in (${channelsOf(of)})`
        : of.reason === 'removed'
          ? sql`k.id = ${of.deliveryId}`
          : sql`(k.id = ${of.deliveryId} or k.parent_id = ${of.deliveryId})`,
    dispose: () => sql`update delivery k set remote_id = null, url = null, memory = '{}', expires_at = null
      from doomed r where k.id = r.id`,
    traces: sql`, unmeasured as (
      update poll p set next_at = null, lease_until = null, token = p.token + 1 from doomed r where p.delivery_id = r.id
    ), unnamed as (
      update attempt a set detail = null from doomed r join delivery v on v.id = r.id
      where a.delivery_id = r.id and position(v.remote_id in a.detail) > 0)`,
  },
]
