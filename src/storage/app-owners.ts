/** Marking the account that owns an app, one by one, so that two people who mark different ones lose neither. */
import { sql } from 'kysely'
import type { Handle } from './deliveries.ts'

type Change = { workspaceId: string; by: string; at: Date }
type Mark = { network: string; plan: string; connectionId: string; isOwner: boolean }

/** `plan` is kept where none was chosen yet. Other processes notice it as they notice a changed price. */
export async function markOwner(
  db: Handle,
  { workspaceId, by, at }: Change,
  { network, plan, connectionId, isOwner }: Mark,
): Promise<void> {
  const added = isOwner ? [connectionId] : []
  await sql`
    with raised as (
      update workspace set price_revision = price_revision + 1 where id = ${workspaceId}
    )
    insert into price_plan as p (workspace_id, network, plan, owners, updated_by, updated_at)
    values (${workspaceId}, ${network}, ${plan}, ${added}::text[], ${by}, ${at})
    on conflict (workspace_id, network) do update set
      owners = array_remove(p.owners, ${connectionId}) || ${added}::text[],
      updated_by = excluded.updated_by, updated_at = excluded.updated_at`.execute(db)
}
