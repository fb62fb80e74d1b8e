/** A workspace's own prices and plans, and the number by which other processes notice that they changed. */
import { sql } from 'kysely'
import type { Budget } from '#domain/budget.ts'
import type { PriceEntry } from '#domain/prices.ts'
import { budgetJson, budgetOf, type BudgetRow } from './budgets.ts'
import type { Handle } from './deliveries.ts'

export type PriceOverride = { id: string; network: string; entry: PriceEntry; updatedAt: Date }
export type PricePlanRow = { network: string; plan: string; owners: string[] }
export type OwnPrices = {
  revision: number
  overrides: readonly PriceOverride[]
  plans: readonly PricePlanRow[]
  budgets: readonly Budget[]
}

/** Everything in one snapshot: the revision is never newer than the rows. */
export async function readOwnPrices(db: Handle, workspaceId: string): Promise<OwnPrices> {
  const { rows } = await sql<{
    revision: number
    overrides: ReadonlyArray<Omit<PriceOverride, 'updatedAt'> & { updatedAt: string }>
    plans: PricePlanRow[]
    budgets: readonly BudgetRow[]
  }>`
    select w.price_revision as revision,
      (select coalesce(json_agg(json_build_object('id', o.id, 'network', o.network, 'entry', o.entry,
          'updatedAt', o.updated_at) order by o.id), '[]')
        from price_override o where o.workspace_id = w.id) as overrides,
      (select coalesce(json_agg(json_build_object('network', p.network, 'plan', p.plan, 'owners', p.owners)), '[]')
        from price_plan p where p.workspace_id = w.id) as plans,
      (select coalesce(json_agg(${budgetJson} order by b.id), '[]')
        from budget b where b.workspace_id = w.id) as budgets
    from workspace w where w.id = ${workspaceId}`.execute(db)
  const [own] = rows
  if (!own) return { revision: 0, overrides: [], plans: [], budgets: [] }
  return {
    ...own,
    overrides: own.overrides.map((one) => ({ ...one, updatedAt: new Date(one.updatedAt) })),
    budgets: own.budgets.map(budgetOf),
  }
}

/** The present revision of each; workspaces that are gone are left out. */
export async function readPriceRevisions(
  db: Handle,
  workspaceIds: readonly string[],
): Promise<Map<string, number>> {
  const { rows } = await sql<{ workspaceId: string; revision: number }>`
    select id as "workspaceId", price_revision as revision from workspace
    where id = any(${workspaceIds}::text[])`.execute(db)
  return new Map(rows.map(({ workspaceId, revision }) => [workspaceId, revision]))
}

type Change = { workspaceId: string; by: string; at: Date }

/** Puts each in place of the one with the same network and key. */
export async function writeOverrides(
  db: Handle,
  { workspaceId, by, at }: Change,
  overrides: ReadonlyArray<{ id: string; network: string; entry: PriceEntry }>,
): Promise<void> {
  const rows = overrides.map(({ id, network, entry }) => ({ id, network, key: entry.key, entry }))
  await sql`
    with raised as (
      update workspace set price_revision = price_revision + 1 where id = ${workspaceId}
    )
    insert into price_override (id, workspace_id, network, key, entry, updated_by, updated_at)
    select e.id, ${workspaceId}, e.network, e.key, e.entry, ${by}, ${at}
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as e (id text, network text, key text, entry jsonb)
    on conflict (workspace_id, network, key) do update set entry = excluded.entry, updated_by = excluded.updated_by,
      updated_at = excluded.updated_at`.execute(db)
}

/** False where there is none of this id in the workspace. */
export async function deleteOverride(db: Handle, workspaceId: string, id: string): Promise<boolean> {
  const { rows } = await sql`
    with gone as (
      delete from price_override where workspace_id = ${workspaceId} and id = ${id} returning id
    )
    update workspace set price_revision = price_revision + 1
    where id = ${workspaceId} and exists (select from gone) returning id`.execute(db)
  return rows.length > 0
}

export async function writePlan(
  db: Handle,
  { workspaceId, by, at }: Change,
  { network, plan, owners }: PricePlanRow,
): Promise<void> {
  await sql`
    with raised as (
      update workspace set price_revision = price_revision + 1 where id = ${workspaceId}
    )
    insert into price_plan (workspace_id, network, plan, owners, updated_by, updated_at)
    values (${workspaceId}, ${network}, ${plan}, ${owners}::text[], ${by}, ${at})
    on conflict (workspace_id, network) do update set plan = excluded.plan, owners = excluded.owners,
      updated_by = excluded.updated_by, updated_at = excluded.updated_at`.execute(db)
}

export type CallCounts = { endpointClass: string; day: string; requests: number; items: number }

/** Answered calls by a plan since a UTC day, by kind and day. */
export async function readCallCounts(
  db: Handle,
  { workspaceId, network, plan }: { workspaceId: string; network: string; plan: string },
  since: string,
): Promise<CallCounts[]> {
  const { rows } = await sql<CallCounts>`
    select endpoint_class as "endpointClass", to_char(at at time zone 'UTC', 'YYYY-MM-DD') as day,
      count(*)::int as requests, coalesce(sum(items), 0)::int as items
    from access_record
    where workspace_id = ${workspaceId} and network = ${network} and plan = ${plan} and kind = 'settle' and status < 400
      and purpose <> 'ai'
      and at >= ${since}::timestamp at time zone 'UTC'
    group by 1, 2`.execute(db)
  return rows
}
