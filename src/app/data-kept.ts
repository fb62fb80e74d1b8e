/** What is kept of each network, by which rules and until when; and what of it may leave Litfass. */
import { sql } from 'kysely'
import { clockOf, deadlineOf, type EndReason, exportLimit, rulesFor } from '#domain/retention.ts'
import { ruleBookOf } from '#engine/rule-books.ts'
import type { DataTerm, NetworkDefinition } from '#networks/contract.ts'
import { requireRole } from './permissions.ts'
import type { Actor, System } from './system.ts'

type Counted = {
  network: string
  dataClass: string
  rows: number
  oldestReadAt: Date | null
  nextDeletionAt: Date | null
}
type KeptConnection = { id: string; network: string; name: string; isConnected: boolean; sandbox: boolean }

export type KeptClass = Omit<Counted, 'network'> & {
  keepFor: DataTerm['keepFor']
  deleteOn: EndReason[]
  rules: DataTerm[]
  exportLimit: number | null
}
export type KeptNetworkView = {
  network: string
  name: string
  termsVersion: string
  readOn: string
  connections: Array<Omit<KeptConnection, 'network'>>
  classes: KeptClass[]
  general: DataTerm[]
}

export async function keptData(system: System, actor: Actor): Promise<KeptNetworkView[]> {
  requireRole(actor, 'admin')
  const counted = await count(system, actor)
  const { rows: connections } = await sql<KeptConnection>`
    select id, network, name, state <> 'disconnected' as "isConnected", sandbox from connection
    where workspace_id = ${actor.workspaceId} order by created_at, id`.execute(system.db)
  return system.networks.map(({ definition }) => ({
    network: definition.id,
    name: definition.name,
    termsVersion: ruleBookOf(definition).version,
    readOn: definition.dataTerms.readOn,
    connections: connections
      .filter(({ network }) => network === definition.id)
      .map(({ network: _, ...connection }) => connection),
    classes: classesOf(definition).map((dataClass) => ({
      ...describe(definition, dataClass, system.now()),
      ...(counted.find((one) => one.network === definition.id && one.dataClass === dataClass) ?? {
        rows: 0,
        oldestReadAt: null,
        nextDeletionAt: null,
      }),
      dataClass,
    })),
    general: definition.dataTerms.value.filter(({ dataClass }) => dataClass === '*'),
  }))
}

function classesOf({ dataTerms }: NetworkDefinition): string[] {
  return [...new Set(dataTerms.value.map(({ dataClass }) => dataClass))].filter((name) => name !== '*')
}

const endings: readonly EndReason[] = ['removed', 'disconnected', 'request', 'terminated']

function describe({ dataTerms: { value } }: NetworkDefinition, dataClass: string, now: Date) {
  return {
    keepFor: clockOf(value, dataClass, now)?.rule.keepFor ?? null,
    deleteOn: endings.filter((reason) => deadlineOf(value, dataClass, reason, now) !== null),
    rules: value.filter((rule) => rule.dataClass === dataClass),
    exportLimit: exportLimit(value, dataClass),
  }
}

/** What the sweep has not classed yet is counted a minute later. */
async function count(system: System, actor: Actor): Promise<Counted[]> {
  const { workspaceId } = actor
  const { rows } = await sql<Counted>`
    select network, data_class as "dataClass", sum(rows)::int as rows, min(oldest) as "oldestReadAt", min(next) as "nextDeletionAt"
    from (
      select network, data_class, count(*) as rows, min(read_at) as oldest, min(expires_at) as next
        from reading where workspace_id = ${workspaceId} group by network, data_class
      union all select network, data_class, count(*), min(read_at), min(expires_at)
        from channel where workspace_id = ${workspaceId} and read_at is not null group by network, data_class
      union all select network, data_class, count(*), min(read_at), min(expires_at)
        from connection where workspace_id = ${workspaceId} and read_at is not null group by network, data_class
      union all select network, data_class, count(*), min(coalesce(published_at, updated_at)), min(expires_at)
        from delivery where workspace_id = ${workspaceId} and remote_id is not null group by network, data_class) kept
    group by network, data_class`.execute(system.db)
  return rows
}

export type ExportedReading = {
  network: string
  channelId: string
  postId: string | null
  deliveryId: string | null
  metric: string
  remoteName: string
  value: number
  day: string | null
  readAt: Date
  dataClass: string
  keptUntil: Date | null
}
export type DataExport = {
  readings: ExportedReading[]
  leftOut: Array<{ network: string; dataClass: string; rows: number; rule: string }>
}

/** At most so many at once; who has more asks the database's backup. */
const exportRows = 50_000

/** Figures of the workspace, the newest first, as far as each network's rules let this person take them out today. */
export async function exportReadings(system: System, actor: Actor): Promise<DataExport> {
  const now = system.now()
  const day = now.toISOString().slice(0, 10)
  const { rows: counts } = await sql<{ network: string; dataClass: string; rows: number }>`
    select network, data_class as "dataClass", count(*)::int as rows from reading
    where workspace_id = ${actor.workspaceId} and (expires_at is null or expires_at > ${now})
    group by network, data_class order by network, data_class`.execute(system.db)
  return system.db.transaction().execute(async (transaction) => {
    const result: DataExport = { readings: [], leftOut: [] }
    for (const { network, dataClass, rows } of counts) {
      const rules =
        system.networks.find(({ definition }) => definition.id === network)?.definition.dataTerms.value ?? []
      const allowed = await takeOut(transaction, actor, { network, dataClass, day }, rules, rows)
      result.readings.push(...(await newest(transaction, actor, network, dataClass, now, allowed)))
      if (allowed >= rows) continue
      const rule = rulesFor(rules, dataClass).find(({ use }) => use?.export !== undefined)
      const words = rule?.rule ?? `At most ${exportRows} at once.`
      result.leftOut.push({ network, dataClass, rows: rows - allowed, rule: words })
    }
    return result
  })
}

/** Counts what is taken out against the day's limit; says how many may go. */
async function takeOut(
  db: System['db'],
  actor: Actor,
  { network, dataClass, day }: { network: string; dataClass: string; day: string },
  rules: readonly DataTerm[],
  wanted: number,
): Promise<number> {
  const limit = exportLimit(rules, dataClass)
  if (limit === null) return Math.min(wanted, exportRows)
  if (limit === 0) return 0
  await sql`insert into data_export (workspace_id, member_id, network, data_class, day, count)
    values (${actor.workspaceId}, ${actor.memberId}, ${network}, ${dataClass}, ${day}, 0) on conflict do nothing`.execute(
    db,
  )
  const { rows } = await sql<{
    count: number
  }>`select count from data_export where workspace_id = ${actor.workspaceId}
    and member_id = ${actor.memberId} and network = ${network} and data_class = ${dataClass} and day = ${day} for update`.execute(
    db,
  )
  const allowed = Math.max(0, Math.min(wanted, limit - (rows[0]?.count ?? 0)))
  await sql`update data_export set count = count + ${allowed} where workspace_id = ${actor.workspaceId}
    and member_id = ${actor.memberId} and network = ${network} and data_class = ${dataClass} and day = ${day}`.execute(
    db,
  )
  return allowed
}

async function newest(
  db: System['db'],
  actor: Actor,
  network: string,
  dataClass: string,
  now: Date,
  limit: number,
): Promise<ExportedReading[]> {
  if (limit === 0) return []
  const { rows } = await sql<ExportedReading>`
    select r.network, r.channel_id as "channelId", d.post_id as "postId", r.delivery_id as "deliveryId", r.metric,
      r.remote_name as "remoteName", r.value, r.day, r.read_at as "readAt", r.data_class as "dataClass", r.expires_at as "keptUntil"
    from reading r left join delivery d on d.workspace_id = r.workspace_id and d.id = r.delivery_id
    where r.workspace_id = ${actor.workspaceId} and r.network = ${network} and r.data_class = ${dataClass}
      and (r.expires_at is null or r.expires_at > ${now})
    order by r.read_at desc, r.id desc limit ${limit}`.execute(db)
  return rows
}
