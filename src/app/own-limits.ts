/** Limits of an account's own server: kept with its connection, read anew with every check. */
import { sql } from 'kysely'
import type { OwnLimits } from '#domain/limits.ts'
import type { System } from './system.ts'

/** Null leaves what is known: the server did not say. */
export async function keepOwnLimits(
  db: System['db'],
  workspaceId: string,
  connectionId: string,
  limits: OwnLimits | null,
): Promise<void> {
  if (limits === null) return
  await sql`update connection set own_limits = ${JSON.stringify(limits)}::jsonb
    where workspace_id = ${workspaceId} and id = ${connectionId}`.execute(db)
}
