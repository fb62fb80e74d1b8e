/**
 * Answers a network's letter for a period: which app and accounts, how many calls and items of which kind, what for,
 * who caused them, under which terms, what was refused and waited for, who could see it, and what was deleted when.
 *
 * It is made from the ledger and the deletion certificates alone, so it is the same after everything read is gone.
 */
import { sql } from 'kysely'
import { LitfassError } from '#domain/errors.ts'
import { ruleBookOf } from '#engine/rule-books.ts'
import { checkLedger } from '#storage/ledger-check.ts'
import { patiently } from '#storage/patience.ts'
import { requireRole } from './permissions.ts'
import type { Actor, System } from './system.ts'

/** UTC days, YYYY-MM-DD; without them the last thirty, today included. */
export type ReportInput = { from?: string | undefined; to?: string | undefined; network?: string | undefined }

/** Calls of one kind. */
export type UseRow = {
  purpose: string
  endpointClass: string
  dataClass: string
  /** `person` or the job. */
  actor: string
  termsVersion: string | null
  calls: number
  items: number
  /** Answered with an error. */
  failed: number
  /** Answered that there were too many (429). */
  throttled: number
  /** No usable answer came. */
  unanswered: number
  waitedMs: number
  cost: string
  currency: string | null
  firstAt: Date
  lastAt: Date
}

export type AppReport = {
  network: string
  networkName: string
  /** The way of signing in, and so the app. */
  login: string
  connections: ReadonlyArray<{ id: string; name: string | null; sandbox: boolean }>
  /** To the network. */
  calls: number
  items: number
  uses: UseRow[]
  ai: AiUse
}

/** What of an app's data went to a model, as the ledger has it. */
export type AiUse = {
  calls: number
  items: number
  dataClasses: string[]
  firstAt: Date | null
  lastAt: Date | null
}

export type DeletionRow = {
  network: string
  item: string
  dataClass: string
  reason: string
  rule: string
  source: string
  count: number
  firstAt: Date
  lastAt: Date
}

export type LedgerReport = {
  workspace: { id: string; name: string }
  from: string
  to: string
  network: string | null
  madeAt: Date
  apps: AppReport[]
  /** Who could see what was read: people of the workspace by role, and programs by API key. */
  recipients: { members: Readonly<Record<string, number>>; apiKeys: number }
  /** Calls that sent network data to a model, of all apps. */
  modelCalls: number
  deletions: DeletionRow[]
  rules: ReadonlyArray<{
    network: string
    version: string
    rules: ReadonlyArray<{ id: string; dataClass: string; rule: string; source: string }>
  }>
  integrity: { entries: number; chains: number; unchained: number; unsettled: number; faults: number }
}

/** `to` is the first day that is not covered any more. */
export async function reportLedger(system: System, actor: Actor, input: ReportInput): Promise<LedgerReport> {
  requireRole(actor, 'admin')
  const { network } = input
  const { from, to } = periodOf(input, system.now())
  const scope = { workspaceId: actor.workspaceId, from, to, network: network ?? null }
  const [workspace, apps, recipients, deletions, check] = await patiently(() =>
    Promise.all([
      workspaceOf(system, actor),
      appsOf(system, scope),
      recipientsOf(system, actor),
      deletionsOf(system, scope),
      checkLedger(system.db, actor.workspaceId),
    ]),
  )
  const { entries, chains, unchained, unsettled, faults } = check
  return {
    workspace,
    from,
    to,
    network: network ?? null,
    madeAt: system.now(),
    apps,
    recipients,
    modelCalls: apps.reduce((sum, { ai }) => sum + ai.calls, 0),
    deletions,
    rules: rulesOf(system, [...new Set([...apps.map((app) => app.network), ...(network ? [network] : [])])]),
    integrity: { entries, chains, unchained, unsettled, faults: faults.length },
  }
}

function periodOf({ from, to }: ReportInput, now: Date): { from: string; to: string } {
  const end = to ?? dayOf(now, 1)
  const start = from ?? dayOf(new Date(`${end}T00:00:00Z`), -30)
  // The database knows no year 0.
  if (start < end && start >= '1970-01-01') return { from: start, to: end }
  throw new LitfassError('invalid_input', `The period from ${start} to ${end} has no day`, {
    remedy: 'Let `to` be a later day than `from`; it is the first one that is left out.',
  })
}

const dayOf = (at: Date, shift: number) =>
  new Date(at.getTime() + shift * 86_400_000).toISOString().slice(0, 10)

type Scope = { workspaceId: string; from: string; to: string; network: string | null }

async function workspaceOf({ db }: System, { workspaceId }: Actor) {
  const { rows } = await sql<{ id: string; name: string }>`
    select id, name from workspace where id = ${workspaceId}`.execute(db)
  const [workspace] = rows
  if (!workspace) throw new Error(`no workspace ${workspaceId}`)
  return workspace
}

const inPeriod = ({ from, to, network }: Scope) => sql`
  at >= ${from}::timestamp at time zone 'UTC' and at < ${to}::timestamp at time zone 'UTC'
  and (${network}::text is null or network = ${network})`

async function appsOf(system: System, scope: Scope): Promise<AppReport[]> {
  const { rows } = await sql<
    UseRow & { network: string; login: string; connectionIds: Array<string | null> }
  >`
    select network, coalesce(login, '') as login, purpose, endpoint_class as "endpointClass", data_class as "dataClass",
      case when actor like 'job:%' then actor else 'person' end as actor, terms_version as "termsVersion",
      count(*)::int as calls, coalesce(sum(items), 0)::int as items, count(*) filter (where status >= 400)::int as failed,
      count(*) filter (where status = 429)::int as throttled, count(*) filter (where status is null)::int as unanswered,
      coalesce(sum(waited_ms), 0)::int as "waitedMs", trim_scale(coalesce(sum(amount), 0))::text as cost,
      max(currency) as currency, min(at) as "firstAt", max(at) as "lastAt", array_agg(distinct connection_id) as "connectionIds"
    from access_record where workspace_id = ${scope.workspaceId} and kind = 'settle' and ${inPeriod(scope)}
      -- What was to go to a model and never left is no use.
      and (purpose <> 'ai' or items > 0)
    group by 1, 2, 3, 4, 5, 6, 7 order by 1, 2, 3, 4, 5`.execute(system.db)
  const names = await connectionsOf(system, scope.workspaceId)
  const apps = new Map<string, AppReport & { ids: Set<string> }>()
  for (const { network, login, connectionIds, ...use } of rows) {
    const app = apps.get(`${network} ${login}`) ?? newApp(system, network, login)
    apps.set(`${network} ${login}`, app)
    app.uses.push(use)
    if (use.purpose === 'ai') addAiUse(app.ai, use)
    else {
      app.calls += use.calls
      app.items += use.items
    }
    for (const id of connectionIds) if (id !== null) app.ids.add(id)
  }
  return [...apps.values()].map(({ ids, ...app }) => ({
    ...app,
    connections: [...ids].map((id) => names.get(id) ?? { id, name: null, sandbox: false }),
  }))
}

function addAiUse(ai: AiUse, { calls, items, dataClass, firstAt, lastAt }: UseRow): void {
  ai.calls += calls
  ai.items += items
  if (!ai.dataClasses.includes(dataClass)) ai.dataClasses.push(dataClass)
  if (ai.firstAt === null || firstAt < ai.firstAt) ai.firstAt = firstAt
  if (ai.lastAt === null || lastAt > ai.lastAt) ai.lastAt = lastAt
}

function newApp(system: System, network: string, login: string): AppReport & { ids: Set<string> } {
  const known = system.networks.find(({ definition }) => definition.id === network)
  return {
    network,
    networkName: known?.definition.name ?? network,
    login,
    connections: [],
    calls: 0,
    items: 0,
    uses: [],
    ai: { calls: 0, items: 0, dataClasses: [], firstAt: null, lastAt: null },
    ids: new Set(),
  }
}

async function connectionsOf({ db }: System, workspaceId: string) {
  const { rows } = await sql<{ id: string; name: string | null; sandbox: boolean }>`
    select id, name, sandbox from connection where workspace_id = ${workspaceId}`.execute(db)
  return new Map(rows.map((row) => [row.id, row]))
}

async function recipientsOf({ db }: System, { workspaceId }: Actor): Promise<LedgerReport['recipients']> {
  const { rows } = await sql<{ role: string; count: number }>`
    select role, count(*)::int as count from member where workspace_id = ${workspaceId} group by role`.execute(
    db,
  )
  const keys = await sql<{ count: number }>`
    select count(*)::int as count from api_key where workspace_id = ${workspaceId} and revoked_at is null`.execute(
    db,
  )
  return {
    members: Object.fromEntries(rows.map(({ role, count }) => [role, count])),
    apiKeys: keys.rows[0]?.count ?? 0,
  }
}

async function deletionsOf(
  { db }: System,
  { workspaceId, from, to, network }: Scope,
): Promise<DeletionRow[]> {
  const { rows } = await sql<DeletionRow>`
    select network, item, data_class as "dataClass", reason, rule, source, sum(count)::int as count,
      min(first_at) as "firstAt", max(last_at) as "lastAt"
    from deletion_certificate
    where workspace_id = ${workspaceId} and last_at >= ${from}::timestamp at time zone 'UTC'
      and first_at < ${to}::timestamp at time zone 'UTC' and (${network}::text is null or network = ${network})
    group by 1, 2, 3, 4, 5, 6 order by 1, 2, 3`.execute(db)
  return rows
}

function rulesOf(system: System, networks: readonly string[]): LedgerReport['rules'] {
  return networks.flatMap((id) => {
    const network = system.networks.find(({ definition }) => definition.id === id)
    if (!network) return []
    const book = ruleBookOf(network.definition)
    const rules = book.rules.map(({ id: ruleId, dataClass, rule, source }) => ({
      id: ruleId,
      dataClass,
      rule,
      source,
    }))
    return [{ network: id, version: book.version, rules }]
  })
}
