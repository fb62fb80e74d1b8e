/** What needs a person: the list, each notice's words, and what was read of it. */
import { sql } from 'kysely'
import { outageSentence } from '#domain/breaker.ts'
import { LitfassError } from '#domain/errors.ts'
import { type NoticeKind, type NoticeSeverity, resolveEnded } from '#storage/notices.ts'
import { cursorOf, noCursor, readCursor } from './cursor.ts'
import type { Actor, System } from './system.ts'

type Params = Record<string, string | number>

export type NoticeView = {
  id: string
  kind: NoticeKind
  severity: NoticeSeverity
  subject: {
    kind: 'delivery' | 'connection' | 'network' | 'budget' | 'installation'
    id: string
    postId: string | null
  }
  params: Params
  message: string
  remedy: string
  createdAt: Date
  readAt: Date | null
  resolvedAt: Date | null
}

type Row = {
  id: string
  kind: NoticeKind
  severity: NoticeSeverity
  subjectKind: NoticeView['subject']['kind']
  subjectId: string
  postId: string | null
  params: Params
  createdAt: Date
  readAt: Date | null
  resolvedAt: Date | null
}

const columns = sql`id, kind, severity, subject_kind as "subjectKind", subject_id as "subjectId", post_id as "postId", params,
  created_at as "createdAt", read_at as "readAt", resolved_at as "resolvedAt"`

export type NoticeList = { items: NoticeView[]; next: string | null; unread: number }

/** Newest first; `open` leaves out what ended. What ended since is marked so before anything is shown. */
export async function listNotices(
  system: System,
  actor: Actor,
  options: { limit: number; cursor?: string | undefined; open: boolean },
): Promise<NoticeList> {
  await resolveEnded(system.db, actor.workspaceId, system.now())
  const after = options.cursor === undefined ? null : readCursor(options.cursor)
  if (after && after.at === null) throw noCursor()
  const { rows: found } = await sql<{ unread: number } & (Row | { id: null })>`
    select counted.unread, page.* from (
      select count(*)::int as unread from notice
      where workspace_id = ${actor.workspaceId} and read_at is null and resolved_at is null) counted
    left join (
      select ${columns} from notice where workspace_id = ${actor.workspaceId}
      and (not ${options.open}::boolean or resolved_at is null)
      and (${after?.id ?? null}::text is null or (created_at, id) < (${after?.at ?? null}::timestamptz, ${after?.id ?? null}))
      order by created_at desc, id desc limit ${options.limit + 1}) page on true
    order by page."createdAt" desc, page.id desc`.execute(system.db)
  const rows = found.filter((row) => row.id !== null)
  const shown = rows.slice(0, options.limit)
  const last = rows.length > options.limit ? shown.at(-1) : undefined
  return {
    items: shown.map((row) => viewOf(system, row)),
    next: last ? cursorOf(last.id, last.createdAt) : null,
    unread: found[0]?.unread ?? 0,
  }
}

/** Throws `not_found`. */
export async function readNotice(system: System, actor: Actor, id: string): Promise<NoticeView> {
  const { rows } = await sql<Row>`update notice set read_at = coalesce(read_at, ${system.now()})
    where workspace_id = ${actor.workspaceId} and id = ${id} returning ${columns}`.execute(system.db)
  if (rows[0]) return viewOf(system, rows[0])
  throw new LitfassError('not_found', `There is no notice ${id}`, { remedy: 'List the notices anew.' })
}

/** Says how many were unread. */
export async function readAllNotices(system: System, actor: Actor): Promise<number> {
  const { numAffectedRows } = await sql`update notice set read_at = ${system.now()}
    where workspace_id = ${actor.workspaceId} and read_at is null`.execute(system.db)
  return Number(numAffectedRows ?? 0n)
}

function viewOf(system: System, row: Row): NoticeView {
  const network = system.networks.find(({ definition }) => definition.id === row.params['networkId'])
  const params: Params = {
    ...row.params,
    ...(network ? { network: network.definition.name } : {}),
    ...(row.kind === 'network-outage' && row.resolvedAt ? { until: row.resolvedAt.toISOString() } : {}),
  }
  return {
    id: row.id,
    kind: row.kind,
    severity: row.severity,
    subject: { kind: row.subjectKind, id: row.subjectId, postId: row.postId },
    params,
    ...wordsOf(row.kind, params),
    createdAt: row.createdAt,
    readAt: row.readAt,
    resolvedAt: row.resolvedAt,
  }
}

type Words = { message: string; remedy: string }

/** The English words of a notice; other languages are made from kind and params where they are shown. */
export function wordsOf(kind: NoticeKind, params: Params): Words {
  const say = (name: string) => String(params[name] ?? '').replace(/\.$/, '')
  const what = say('part') === 'comment' ? 'The first comment ' : ''
  const post = say('text') === '' ? 'A post' : `${what}“${say('text')}”`
  const where = `${say('channel')} (${say('network') || say('networkId')})`
  const because = say('reason') === '' ? '' : `: ${say('reason')}`
  switch (kind) {
    case 'delivery-refused':
      return {
        message: `${post} was not published on ${where}${because}.`,
        remedy: say('part') === 'comment' ? commentFix : (fixes[say('fix')] ?? userFix),
      }
    case 'delivery-unsure':
      return {
        message: `It is not known whether ${post} is live on ${where}${because}.`,
        remedy: 'Look at the channel, then say whether it is live, send it again, or leave it.',
      }
    case 'delivery-held':
      return {
        message: `${post} is kept back on ${where}${because}.`,
        remedy: releases[say('holdReason')] ?? 'Send it when you are ready, or cancel it.',
      }
    case 'delivery-late':
      return {
        message: `${post} on ${where} is late, with ${say('count')} deliveries waiting past their time.`,
        remedy: 'Check that a worker runs and keeps up; nothing is lost meanwhile.',
      }
    case 'connection-expired':
      return {
        message: `The access to ${say('connection')} (${say('network')}) has ended${because}.`,
        remedy: 'Reconnect the account; what is scheduled goes on then.',
      }
    case 'connection-ends-soon':
      return {
        message: `The access to ${say('connection')} (${say('network')}) ends on ${day(say('endsAt'))}.`,
        remedy: 'Reconnect the account before then.',
      }
    case 'version-ends-soon':
      return {
        message: `${say('network')} ends version ${say('version')} of its interface on ${day(say('endsOn'))}.`,
        remedy: 'Update Litfass before then.',
      }
    case 'terms-unread':
      return {
        message: `Nobody has read the terms or prices of ${say('network')} since ${day(say('readOn'))}.`,
        remedy: 'Read them again and record it under Data, so that rules and prices stay true.',
      }
    case 'network-outage':
      return outageWords(say)
    case 'budget-reached':
      return budgetWords(say)
    case 'worker-silent':
      return {
        message: 'No worker has been heard of for a while: nothing is published meanwhile.',
        remedy: 'Start a worker, or restart Litfass.',
      }
  }
}

const commentFix =
  'The post itself stays live. Reword the comment, send it again, or write it on the network itself.'

const hardBudget =
  'Raise the budget, or let it be: at its end reading stops first, then publishing is kept back.'
const softBudget = 'Calls go on and may cost more. Raise the budget, or let it stop calls at its end.'

function budgetWords(say: (name: string) => string): Words {
  const budget = `The API budget of ${say('amount')} ${say('currency')} for this ${say('period')}`
  const practice = say('sandbox') === '' ? '' : ' in practice, which costs nothing real'
  const used = `${say('used')} are used${practice}.`
  return {
    message:
      say('full') === ''
        ? `${budget} has reached ${say('percent')} %: ${used}`
        : `${budget} has no room for what is to go out: ${used}`,
    remedy: say('cause') === 'soft' ? softBudget : hardBudget,
  }
}

const userFix = 'Do what the reason says, then send it again.'

const fixes: Readonly<Record<string, string>> = {
  content: 'Change the post and schedule it again.',
  user: userFix,
  'give-up': 'It was tried many times. Send it again when the network works, or cancel it.',
}

function outageWords(say: (name: string) => string): Words {
  const until = say('until')
  const cause = say('cause') === 'unauthorised' ? 'unauthorised' : 'down'
  const outage = { server: say('server'), cause, openedAt: new Date(say('since')) } as const
  const message = outageSentence(say('network') || say('networkId'), outage)
  return until === ''
    ? { message, remedy: outageRemedies[cause] }
    : { message: `${message} It works again since ${minute(until)}.`, remedy: 'What waited goes out now.' }
}

const outageRemedies = {
  down: 'Nothing is to be done: what is due waits and goes out when the network works again.',
  unauthorised:
    'What is due waits, and Litfass tries again by itself. If it lasts for hours, check your app at the network, and reconnect one account to see whether that helps.',
}

function minute(instant: string): string {
  return `${instant.slice(0, 16).replace('T', ' ')} UTC`
}

const releases: Readonly<Record<string, string>> = {
  connection: 'Reconnect the account. What is too late by then waits for you to send or cancel it.',
  budget:
    'Raise the API budget: what was due in the last six hours goes on at once. Older posts you can send or cancel.',
  late: 'Send it now, give it another time, or cancel it.',
  restore: 'It may have gone out after the backup was made: look at the channel, then send or cancel it.',
}

function day(instant: string): string {
  return instant.slice(0, 10)
}
