/** Tells each workspace in which network's terms or prices nobody has looked for too long. */
import { sql } from 'kysely'
import { daysSince, rereadAfterDays, type ShippedTerms } from '#engine/terms.ts'
import type { Handle } from '#storage/deliveries.ts'
import { type NewNotice, putNotices } from '#storage/notices.ts'
import { readTermsInUse } from '#storage/terms.ts'

/** Of one workspace, or of all where it is null; one notice for a network, whichever of the two is due. */
export async function watchTerms(
  db: Handle,
  now: Date,
  shipped: readonly ShippedTerms[],
  workspaceId: string | null = null,
): Promise<void> {
  const inUse = await readTermsInUse(db, workspaceId)
  const notices = inUse.flatMap((use): NewNotice[] => {
    const due = shipped
      .filter(({ network }) => network === use.network)
      .map(({ subject, readOn }) => latest(readOn, subject === 'prices' ? use.pricesReadOn : use.rulesReadOn))
      .filter((readOn) => daysSince(readOn, now) > rereadAfterDays)
      .sort()
    const [readOn] = due
    if (readOn === undefined) return []
    return [
      {
        workspaceId: use.workspaceId,
        kind: 'terms-unread',
        subjectKind: 'network',
        subjectId: use.network,
        params: { networkId: use.network, readOn, days: rereadAfterDays },
      },
    ]
  })
  await putNotices(db, notices, now)
  const told = notices.map((one) => `${one.workspaceId} ${one.subjectId}`)
  await sql`update notice set resolved_at = ${now} where kind = 'terms-unread' and resolved_at is null
    and (${workspaceId}::text is null or workspace_id = ${workspaceId})
    and not workspace_id || ' ' || subject_id = any(${told}::text[])`.execute(db)
}

function latest(shippedOn: string, ownOn: string | null): string {
  return ownOn !== null && ownOn > shippedOn ? ownOn : shippedOn
}
