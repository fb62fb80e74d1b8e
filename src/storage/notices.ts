/**
 * What needs a person, as rows: one for each workspace, kind and subject.
 *
 * A delivery's notice is written by the statement that settles it (`deliveries.ts`). What people do to a
 * delivery ends its notices through `resolveNotices`, or at the latest by the rules in here, which every
 * list and a sweep apply: no notice outlives what it told of.
 */
import { sql } from 'kysely'
import type { DeliveryChange } from '#domain/delivery.ts'
import { newId } from '#domain/id.ts'
import type { Handle } from './deliveries.ts'

export type NoticeKind =
  | 'delivery-refused'
  | 'delivery-unsure'
  | 'delivery-held'
  | 'delivery-late'
  | 'connection-expired'
  | 'connection-ends-soon'
  | 'version-ends-soon'
  | 'terms-unread'
  | 'network-outage'
  | 'budget-reached'
  | 'worker-silent'

export type NoticeSeverity = 'info' | 'warning' | 'error'

export const severities: Readonly<Record<NoticeKind, NoticeSeverity>> = {
  'delivery-refused': 'error',
  'delivery-unsure': 'warning',
  'delivery-held': 'warning',
  'delivery-late': 'error',
  'connection-expired': 'error',
  'connection-ends-soon': 'warning',
  'version-ends-soon': 'warning',
  'terms-unread': 'info',
  'network-outage': 'warning',
  'budget-reached': 'warning',
  'worker-silent': 'error',
}

/** The notice a settled delivery needs: where nothing more happens by itself, a person has to know. */
export function noticeKindOf(
  change: Pick<DeliveryChange, 'state' | 'nextAt' | 'holdReason'>,
): NoticeKind | null {
  switch (change.state) {
    case 'refused':
      return 'delivery-refused'
    case 'held':
      return 'delivery-held'
    case 'unsure':
      return change.nextAt === null && change.holdReason !== 'breaker' ? 'delivery-unsure' : null
    case 'waiting':
    case 'claimed':
    case 'sending':
    case 'published':
    case 'cancelled':
      return null
  }
}

/** What a delivery's notice tells, for `d` a delivery and `c` its channel. At most 80 characters of the text. */
export const deliveryParams = sql`jsonb_strip_nulls(jsonb_build_object(
  'channel', c.name, 'networkId', d.network, 'dueAt', to_jsonb(d.due_at), 'part', case when d.parent_id is not null then 'comment' end,
  'text', case when length(d.payload->>'text') > 80 then left(d.payload->>'text', 79) || '…' else d.payload->>'text' end))`

/** A notice that ended is new and unread when it comes again; one that is still open keeps its time and stays read. */
export const renewNotice = sql`on conflict (workspace_id, kind, subject_id) do update set
  params = excluded.params, severity = excluded.severity,
  created_at = case when notice.resolved_at is null then notice.created_at else excluded.created_at end,
  read_at = case when notice.resolved_at is null then notice.read_at end,
  resolved_at = null`

export type NewNotice = {
  workspaceId: string
  kind: NoticeKind
  subjectKind: 'connection' | 'network' | 'budget' | 'installation'
  subjectId: string
  params: Record<string, string | number>
}

/** Writes notices that are not about deliveries. */
export async function putNotices(db: Handle, notices: readonly NewNotice[], now: Date): Promise<void> {
  if (notices.length === 0) return
  const rows = notices.map((notice) => ({
    id: newId('ntc', now),
    workspace_id: notice.workspaceId,
    kind: notice.kind,
    severity: severities[notice.kind],
    subject_kind: notice.subjectKind,
    subject_id: notice.subjectId,
    params: notice.params,
  }))
  await sql`insert into notice (id, workspace_id, kind, severity, subject_kind, subject_id, params, created_at)
    select n.id, n.workspace_id, n.kind, n.severity, n.subject_kind, n.subject_id, n.params, ${now}
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as n (id text, workspace_id text, kind text, severity text,
      subject_kind text, subject_id text, params jsonb)
    ${renewNotice}`.execute(db)
}

/** Ends the notices of deliveries that a person settled, in that transaction. */
export async function resolveNotices(
  db: Handle,
  workspaceId: string,
  deliveryIds: readonly string[],
  now: Date,
): Promise<void> {
  await sql`update notice set resolved_at = ${now} where workspace_id = ${workspaceId}
    and subject_id = any(${[...deliveryIds]}::text[]) and subject_kind = 'delivery' and resolved_at is null`.execute(
    db,
  )
}

/**
 * Ends every open notice of a delivery or connection that no longer is what the notice says, and of an outage
 * that nothing of the workspace waits for or tries to get past any more.
 * Of one workspace, or of all where it is null.
 */
export async function resolveEnded(db: Handle, workspaceId: string | null, now: Date): Promise<void> {
  const scope = workspaceId === null ? sql`true` : sql`n.workspace_id = ${workspaceId}`
  await sql`update notice n set resolved_at = ${now} where ${scope} and n.resolved_at is null and (
    (n.subject_kind = 'delivery' and not exists (
      select 1 from delivery d where d.id = n.subject_id and d.workspace_id = n.workspace_id and case n.kind
        when 'delivery-refused' then d.state = 'refused'
        when 'delivery-held' then d.state = 'held'
        when 'delivery-unsure' then d.state = 'unsure' and d.next_at is null
        else d.state = 'waiting' and d.next_at < ${now} end))
    or (n.subject_kind = 'connection' and not exists (
      select 1 from connection k where k.id = n.subject_id and k.workspace_id = n.workspace_id and case n.kind
        when 'connection-expired' then k.state = 'needs-reauthorisation'
        else k.state = 'active' and (n.params->>'endsAt')::timestamptz in
          (k.access_expires_at, k.refresh_expires_at, k.data_access_expires_at) end))
    or (n.kind = 'budget-reached' and ((n.params->>'until')::timestamptz <= ${now} or not exists (
      select 1 from budget b where b.id = split_part(n.subject_id, '/', 1) and b.workspace_id = n.workspace_id)))
    or (n.kind = 'network-outage' and not exists (
      select 1 from delivery d where d.workspace_id = n.workspace_id and d.hold_reason = 'breaker'
        and d.state in ('waiting', 'claimed', 'sending', 'unsure') and d.reason->>'outage' = n.subject_id)
      and not exists (
      select 1 from breaker b join delivery d on d.id = b.probe_delivery_id
      where b.closed_at is null and d.workspace_id = n.workspace_id
        and b.login || case when b.server = '' then '' else '@' || b.server end = n.subject_id)))`.execute(db)
}

/** Notices for what was held by a statement that wrote none, such as a person's disconnecting an account. */
export async function noticeHeld(db: Handle, now: Date): Promise<void> {
  await sql`insert into notice (id, workspace_id, kind, severity, subject_kind, subject_id, post_id, params, created_at)
    select 'ntc_' || substr(d.id, 5) || '_held', d.workspace_id, 'delivery-held', ${severities['delivery-held']}, 'delivery', d.id, d.post_id,
      ${deliveryParams} || jsonb_strip_nulls(jsonb_build_object('holdReason', d.hold_reason, 'reason', d.reason->>'message',
        'reasonCode', d.reason->>'code')), ${now}
    from delivery d join channel c on c.id = d.channel_id
    where d.hold_reason is not null and d.state = 'held' and not exists (
      select 1 from notice n where n.workspace_id = d.workspace_id and n.subject_id = d.id
        and n.kind = 'delivery-held' and n.resolved_at is null)
    ${renewNotice}`.execute(db)
}
