/** When people of a workspace read a network's terms or prices again. Readings are added, never changed. */
import { sql } from 'kysely'
import type { Handle } from './deliveries.ts'

export type TermsSubject = 'data-rules' | 'prices'

export type TermsReading = {
  id: string
  network: string
  subject: TermsSubject
  /** YYYY-MM-DD. */
  readOn: string
  version: string
  hasChanged: boolean
  note: string
  memberId: string
  at: Date
}

const columns = sql`r.id, r.network, r.subject, r.read_on as "readOn", r.version,
  r.has_changed as "hasChanged", r.note, r.member_id as "memberId", r.created_at as at`

export type NamedReading = TermsReading & { by: string | null }

/** All of a workspace, the newest first; who is no member any more has no name. */
export async function readTermsReadings(db: Handle, workspaceId: string): Promise<NamedReading[]> {
  const { rows } = await sql<NamedReading>`select ${columns}, m.name as by
    from terms_reading r left join member m on m.workspace_id = r.workspace_id and m.id = r.member_id
    where r.workspace_id = ${workspaceId} order by r.read_on desc, r.created_at desc, r.id desc limit 1000`.execute(
    db,
  )
  return rows
}

/** The last of each network and subject. */
export async function readLatestTerms(db: Handle, workspaceId: string): Promise<TermsReading[]> {
  const { rows } =
    await sql<TermsReading>`select distinct on (r.network, r.subject) ${columns} from terms_reading r
    where r.workspace_id = ${workspaceId}
    order by r.network, r.subject, r.read_on desc, r.created_at desc, r.id desc`.execute(db)
  return rows
}

/** Other processes notice it as they notice a changed price. */
export async function addTermsReading(db: Handle, workspaceId: string, one: TermsReading): Promise<void> {
  await sql`
    with raised as (
      update workspace set price_revision = price_revision + 1 where id = ${workspaceId}
    )
    insert into terms_reading (id, workspace_id, network, subject, read_on, version, has_changed, note, member_id, created_at)
    values (${one.id}, ${workspaceId}, ${one.network}, ${one.subject}, ${one.readOn}, ${one.version}, ${one.hasChanged},
      ${one.note}, ${one.memberId}, ${one.at})`.execute(db)
}

/** Workspaces that use a network for real, with the days on which its terms and prices were last read again there. */
export async function readTermsInUse(
  db: Handle,
  workspaceId: string | null,
): Promise<
  Array<{ workspaceId: string; network: string; rulesReadOn: string | null; pricesReadOn: string | null }>
> {
  const scope = workspaceId === null ? sql`true` : sql`k.workspace_id = ${workspaceId}`
  const last = (subject: TermsSubject) => sql`(select max(r.read_on) from terms_reading r
    where r.workspace_id = k.workspace_id and r.network = k.network and r.subject = ${subject})`
  const { rows } = await sql<{
    workspaceId: string
    network: string
    rulesReadOn: string | null
    pricesReadOn: string | null
  }>`
    select k.workspace_id as "workspaceId", k.network, ${last('data-rules')} as "rulesReadOn", ${last('prices')} as "pricesReadOn"
    from (select distinct workspace_id, network from connection where state <> 'disconnected' and not sandbox) k
    where ${scope}`.execute(db)
  return rows
}
