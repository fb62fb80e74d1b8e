/**
 * The statements of retention: each takes a chunk, certifies it by the same statement, and says how many it was.
 *
 * So a sweep may be stopped between any two of them and goes on later, and the certificates always add up to
 * what is gone.
 */
import { type RawBuilder, sql } from 'kysely'
import { newId } from '#domain/id.ts'
import type { DeletionReason, EndReason } from '#domain/retention.ts'
import type { Handle } from './deliveries.ts'
import { type Item, kept, type Kept, type Scope } from './kept.ts'
import type { Provenance } from './provenance.ts'

/** What a certificate names as the rule, for each class of a network. */
export type RuleOfClass = {
  network: string
  networkName: string
  dataClass: string
  rule: string
  source: string
}

type Chunk = {
  place: Kept
  reason: DeletionReason
  deletionId: string
  /** Which rows `k`. */
  where: RawBuilder<unknown>
  order: RawBuilder<unknown>
  forgetsIds: boolean
  rules: readonly RuleOfClass[]
  now: Date
  limit: number
}

/** Deletes what is past its clock, the longest first. Returns how many. */
export function deleteExpired(
  db: Handle,
  item: Item,
  rules: readonly RuleOfClass[],
  now: Date,
  limit: number,
): Promise<number> {
  return deleteChunk(db, {
    place: placeOf(item),
    reason: 'clock',
    deletionId: '',
    where: sql`k.expires_at <= ${now}`,
    order: sql`k.expires_at`,
    forgetsIds: false,
    rules,
    now,
    limit,
  })
}

export type OpenDeletion = Scope & {
  id: string
  reason: EndReason
  createdAt: Date
}

/** Deletes what a deletion is about, of the classes it ends. Returns how many. */
export function deleteOrdered(
  db: Handle,
  item: Item,
  deletion: OpenDeletion,
  rules: readonly RuleOfClass[],
  now: Date,
  limit: number,
): Promise<number> {
  const place = placeOf(item)
  return deleteChunk(db, {
    place,
    reason: deletion.reason,
    deletionId: deletion.id,
    where: ordered(place, deletion, rules),
    order: sql`k.id`,
    forgetsIds: forgetsIds(deletion),
    rules,
    now,
    limit,
  })
}

/** Who asks to be forgotten is forgotten whole; who only disconnects may come back to what is scheduled. */
function forgetsIds({ reason }: OpenDeletion): boolean {
  return reason === 'request' || reason === 'terminated'
}

/** What was read since with a new grant is not meant. */
function ordered(place: Kept, deletion: OpenDeletion, rules: readonly RuleOfClass[]): RawBuilder<unknown> {
  const classes = rules
    .filter(({ network }) => network === deletion.network)
    .map(({ dataClass }) => dataClass)
  const isMeant =
    deletion.scope === 'delivery'
      ? sql`true`
      : sql`(${place.readAt} <= ${deletion.createdAt}
          or exists (select 1 from connection x where x.id = ${place.connection} and x.state = 'disconnected'))`
  // An account may have lost its name by a disconnect before, and only now its ids.
  const isThere = forgetsIds(deletion) ? sql`(${place.isThere} or ${place.hasIds})` : place.isThere
  return sql`k.workspace_id = ${deletion.workspaceId} and k.network = ${deletion.network} and ${isThere}
    and ${place.belongs(deletion)} and k.data_class = any(${classes}::text[]) and ${isMeant}`
}

async function deleteChunk(db: Handle, chunk: Chunk): Promise<number> {
  const { place, reason, deletionId, now } = chunk
  const rules = chunk.rules.map(({ network, networkName, dataClass, rule, source }) => ({
    network,
    network_name: networkName,
    data_class: dataClass,
    rule,
    source,
  }))
  const { rows } = await sql<{ count: number }>`
    with rule as materialized (
      select * from jsonb_to_recordset(${JSON.stringify(rules)}::jsonb)
        as rule (network text, network_name text, data_class text, rule text, source text)
    ), chosen as materialized (
      select k.id, k.workspace_id, k.network, k.data_class, k.terms_version, ${place.readAt} as was_read_at
      from ${place.table} k where ${chunk.where} order by ${chunk.order} limit ${chunk.limit} for update
    ), doomed as materialized (
      select chosen.*, rule.network_name, rule.rule, rule.source
      from chosen left join rule on rule.network = chosen.network and rule.data_class = chosen.data_class
    ), gone as (
      ${place.dispose(chunk.forgetsIds)} returning k.id
    ), certified as (
      insert into deletion_certificate as c (id, workspace_id, deletion_id, network, item, data_class, reason, terms_version,
        rule, source, day, count, oldest_read_at, newest_read_at, first_at, last_at)
      select ${newId('crt', now)} || '_' || row_number() over (), r.workspace_id, ${deletionId}, r.network, ${place.item},
        r.data_class, ${reason}, r.terms_version, coalesce(r.rule, ''), coalesce(r.source, ''),
        ${now.toISOString().slice(0, 10)}, count(*), min(r.was_read_at), max(r.was_read_at), ${now}, ${now}
      from doomed r join gone on gone.id = r.id
      group by r.workspace_id, r.network, r.data_class, r.terms_version, r.rule, r.source
      on conflict (workspace_id, deletion_id, network, item, data_class, reason, terms_version, rule, day) do update set
        count = c.count + excluded.count, last_at = excluded.last_at,
        oldest_read_at = least(c.oldest_read_at, excluded.oldest_read_at),
        newest_read_at = greatest(c.newest_read_at, excluded.newest_read_at)
    ) ${place.traces}
    select count(*)::int as count from gone`.execute(db)
  return rows[0]?.count ?? 0
}

function placeOf(item: Item): Kept {
  const place = kept.find((candidate) => candidate.item === item)
  if (!place) throw new Error(`nothing is kept as ${item}`)
  return place
}

/** A deletion is done when nothing is left that it is about; also what another sweep has in its hands is left. */
export async function finishDeletion(
  db: Handle,
  deletion: OpenDeletion,
  rules: readonly RuleOfClass[],
  now: Date,
): Promise<boolean> {
  const left = kept.map(
    (place) => sql`exists (select 1 from ${place.table} k where ${ordered(place, deletion, rules)})`,
  )
  const { rows } =
    await sql`update deletion set done_at = ${now} where id = ${deletion.id} and done_at is null
    and not (${sql.join(left, sql` or `)}) returning id`.execute(db)
  return rows.length > 0
}

/** The open ones, the longest asked for first. */
export async function openDeletions(db: Handle): Promise<OpenDeletion[]> {
  const { rows } = await sql<OpenDeletion>`
    select id, workspace_id as "workspaceId", reason, network, scope, connection_id as "connectionId",
      delivery_id as "deliveryId", created_at as "createdAt"
    from deletion where done_at is null order by created_at, id limit 1000`.execute(db)
  return rows
}

/** Networks that have rows whose clock was set by another version of their rules; asked of all of them at once. */
export async function staleNetworks(
  db: Handle,
  item: Item,
  books: ReadonlyArray<{ network: string; version: string }>,
): Promise<string[]> {
  const { table, isThere } = placeOf(item)
  const { rows } = await sql<{ network: string }>`
    select b.network from jsonb_to_recordset(${JSON.stringify(books)}::jsonb) as b (network text, version text)
    where exists (select 1 from ${table} k where k.network = b.network and ${isThere}
      and (k.terms_version < b.version or k.terms_version > b.version))`.execute(db)
  return rows.map(({ network }) => network)
}

export type StaleRow = { id: string; readAt: Date; channelKind: string }

/** Rows of a network whose clock was set by another version of its rules. */
export async function staleRows(
  db: Handle,
  item: Item,
  network: string,
  version: string,
  limit: number,
): Promise<StaleRow[]> {
  const { table, readAt, channelKind, isThere } = placeOf(item)
  // Two ranges: an index is of no use for "another one".
  const { rows } = await sql<StaleRow>`
    select k.id, ${readAt} as "readAt", ${channelKind} as "channelKind" from ${table} k
    where k.network = ${network} and (k.terms_version < ${version} or k.terms_version > ${version}) and ${isThere}
    limit ${limit}`.execute(db)
  return rows
}

/** Sets clocks anew; a row that was read again meanwhile keeps its own. */
export async function reclock(
  db: Handle,
  item: Item,
  rows: ReadonlyArray<Provenance & { id: string }>,
): Promise<void> {
  const { table, readAt } = placeOf(item)
  const rowsIn = rows.map(({ id, dataClass, termsVersion, readAt: at, expiresAt }) => ({
    id,
    data_class: dataClass,
    terms_version: termsVersion,
    read_at: at,
    expires_at: expiresAt,
  }))
  await sql`update ${table} k set data_class = r.data_class, terms_version = r.terms_version, expires_at = r.expires_at
    from jsonb_to_recordset(${JSON.stringify(rowsIn)}::jsonb)
      as r (id text, data_class text, terms_version text, read_at timestamptz, expires_at timestamptz)
    where k.id = r.id and ${readAt} = r.read_at`.execute(db)
}
