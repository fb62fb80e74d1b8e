/** What has to be deleted besides what its clock ends, as rows; the sweep in `jobs/retention.ts` carries them out. */
import { sql } from 'kysely'
import { newId } from '#domain/id.ts'
import type { EndReason } from '#domain/retention.ts'
import type { Handle } from './deliveries.ts'
import type { Scope } from './kept.ts'

export type NewDeletion = Scope & {
  reason: EndReason
  /** A member's id, `network`, or the job that found out. */
  askedBy: string
  note?: string
  /** What a callback was answered with. */
  code?: string
  receivedAt: Date
  deadlineAt: Date
}

/** Writes it down; null where the same was written before: by the same callback, or of the same removed post. */
export async function writeDeletion(db: Handle, deletion: NewDeletion, now: Date): Promise<string | null> {
  const { rows } = await sql<{ id: string }>`
    insert into deletion (id, workspace_id, reason, network, scope, connection_id, delivery_id, asked_by, note, code, received_at,
      deadline_at, created_at)
    values (${newId('del', now)}, ${deletion.workspaceId}, ${deletion.reason}, ${deletion.network}, ${deletion.scope},
      ${deletion.connectionId}, ${deletion.deliveryId}, ${deletion.askedBy}, ${deletion.note ?? ''}, ${deletion.code ?? null},
      ${deletion.receivedAt}, ${deletion.deadlineAt}, ${now})
    on conflict do nothing returning id`.execute(db)
  return rows[0]?.id ?? null
}
