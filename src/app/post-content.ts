/** What a post says and where to: checked against the channels' networks and timed. Saves nothing. */
import { sql } from 'kysely'
import { LitfassError } from '#domain/errors.ts'
import { type OwnLimits, withOwnLimits } from '#domain/limits.ts'
import { isFixedZone, resolveSchedule } from '#domain/schedule.ts'
import type { NetworkDefinition, RemoteChannel } from '#networks/contract.ts'
import type { Handle } from '#storage/deliveries.ts'
import {
  type CommentVerdict,
  commentVerdictOf,
  firstCommentFor,
  type FirstComments,
} from './first-comment.ts'
import { mediaProblem } from './reachability.ts'
import type { Actor, System } from './system.ts'
import { type ImageToSend, lengthOf, type Problem, problemsOf } from './validate.ts'

export type Content = FirstComments & {
  text: string
  channelIds: readonly string[]
  attachments: ReadonlyArray<{ mediaFileId: string; altText: string }>
  /** A text of its own for one channel, by channel id. */
  variants?: Readonly<Record<string, string>> | undefined
  /** Absent: now, or for a draft no time. Without offset: wall time in `timeZone`. */
  at?: string | undefined
  /** Absent: the zone the post stands in, else the workspace's. */
  timeZone?: string | undefined
}

/** When a post is due; `wall` and `zone` are null where nobody chose a time. */
export type Due = { dueAt: Date | null; wall: string | null; zone: string | null }

export type Target = {
  id: string
  network: string
  connectionId: string
  login: string
  kind: RemoteChannel['kind']
  /** What the connection may do, in the network's own words. */
  scopes: string[]
  name: string
  isActive: boolean
  isSandbox: boolean
  ownLimits: OwnLimits | null
}

export type Verdict = {
  channelId: string
  network: string
  length: number
  maxLength: number
  problems: Problem[]
  /** Of the first comment; null where none is wanted. */
  comment: CommentVerdict | null
}

export type Plan = Due & { targets: Target[]; images: ImageToSend[]; verdicts: Verdict[] }

/**
 * Time, channels and verdicts of a content. `before` is what the post was due at until now, if it existed.
 *
 * Throws where something named does not exist or the time is none; what a network would refuse is a verdict.
 */
export async function planContent(
  db: Handle,
  system: System,
  actor: Actor,
  content: Content,
  options: { isDraft: boolean; before?: Due | undefined },
): Promise<Plan> {
  requireKnownVariants(content)
  const due = await dueOf(db, system, actor, content, options)
  const targets = await targetsOf(db, actor, content.channelIds)
  const images = await imagesOf(db, actor, content.attachments)
  const verdicts = targets.map((target) => verdictOf(system, target, content, images))
  return { ...due, targets, images, verdicts }
}

/** Throws `post_invalid` with every reason, unless this can be scheduled as it is. */
export function requireSendable(plan: Plan): asserts plan is Plan & { dueAt: Date } {
  if (plan.targets.length === 0) {
    throw new LitfassError('post_invalid', 'No channel was chosen', {
      remedy: 'Choose at least one; `litfass channel list` shows them.',
    })
  }
  const issues = plan.verdicts.flatMap(({ channelId, problems, comment }) => [
    ...problems.map((problem) => issueAt(`channels.${channelId}`, problem)),
    ...(comment?.problems ?? []).map((problem) => issueAt(`firstComments.${channelId}`, problem)),
  ])
  if (issues.length > 0) {
    throw new LitfassError('post_invalid', issues.map((issue) => issue.message).join('; '), {
      remedy: 'Change the text or images, give that channel a variant of its own, or leave the channel out.',
      issues,
    })
  }
  if (plan.dueAt === null) throw new Error('what is no draft is due at some time')
}

export function issueAt(path: string, { code, message }: Problem) {
  return { path, message: `${code}: ${message}` }
}

export function definitionOf(system: Pick<System, 'networks'>, id: string): NetworkDefinition {
  const network = system.networks.find((candidate) => candidate.definition.id === id)
  if (network) return network.definition
  throw new LitfassError('network_unknown', `This version knows no network ${id}`, {
    remedy: 'Update Litfass, or leave its channels out.',
  })
}

async function dueOf(
  db: Handle,
  system: System,
  actor: Actor,
  content: Content,
  { isDraft, before }: { isDraft: boolean; before?: Due | undefined },
): Promise<Due> {
  const now = system.now()
  if (content.at === undefined) return { dueAt: isDraft ? null : now, wall: null, zone: null }
  const own = before?.zone && !isFixedZone(before.zone) ? before.zone : null
  const schedule = resolveSchedule(content.at, content.timeZone ?? own ?? (await zoneOf(db, actor)))
  const isUnchanged = before?.dueAt?.getTime() === schedule.dueAt.getTime()
  if (!isDraft && !isUnchanged && schedule.dueAt.getTime() < now.getTime() - 60_000) {
    throw new LitfassError('due_in_past', `${content.at} has passed`, {
      remedy: 'Choose a time in the future, or leave it out to publish now.',
    })
  }
  return schedule
}

export async function zoneOf(db: Handle, actor: Actor): Promise<string> {
  const { rows } = await sql<{ zone: string }>`
    select time_zone as zone from workspace where id = ${actor.workspaceId}`.execute(db)
  return rows[0]?.zone ?? 'UTC'
}

/** A text for a channel that was not chosen is more likely a mistyped id than meant to be dropped. */
function requireKnownVariants(content: Content): void {
  requireChosen(content, 'variants')
  requireChosen(content, 'firstComments')
}

function requireChosen(content: Content, field: 'variants' | 'firstComments'): void {
  const stray = Object.keys(content[field] ?? {}).find((id) => !content.channelIds.includes(id))
  if (stray === undefined) return
  throw new LitfassError(
    'invalid_input',
    `There is a text for ${stray}, which is none of the chosen channels`,
    {
      remedy: 'Choose that channel as well, or leave its text out.',
      issues: [{ path: `${field}.${stray}`, message: 'is none of the chosen channels' }],
    },
  )
}

export async function targetsOf(db: Handle, actor: Actor, ids: readonly string[]): Promise<Target[]> {
  const wanted = [...new Set(ids)]
  if (wanted.length === 0) return []
  const { rows } = await sql<Target>`
    select c.id, c.network, k.id as "connectionId", k.login, c.kind, k.scopes, c.name, c.state = 'active' as "isActive", c.sandbox as "isSandbox",
      k.own_limits as "ownLimits"
    from channel c join connection k on k.id = c.connection_id
    where c.workspace_id = ${actor.workspaceId} and c.id = any(${wanted}::text[])`.execute(db)
  return wanted.map((id) => {
    const row = rows.find((candidate) => candidate.id === id)
    if (row) return row
    throw new LitfassError('unknown_channel', `There is no channel ${id}`, {
      remedy: 'List the channels with `litfass channel list`.',
    })
  })
}

/** The key share keeps a file from being deleted until what attaches it is committed. */
async function imagesOf(
  db: Handle,
  actor: Actor,
  attachments: Content['attachments'],
): Promise<ImageToSend[]> {
  if (attachments.length === 0) return []
  const ids = attachments.map((attachment) => attachment.mediaFileId)
  const { rows } = await sql<Omit<ImageToSend, 'altText'> & { id: string }>`
    select id, file_name as "fileName", mime_type as "mimeType", bytes::int as bytes, width, height from media_file
    where workspace_id = ${actor.workspaceId} and id = any(${ids}::text[]) order by id for key share`.execute(
    db,
  )
  return attachments.map(({ mediaFileId, altText }) => {
    const row = rows.find((candidate) => candidate.id === mediaFileId)
    if (row) return { ...row, altText }
    throw new LitfassError('not_found', `There is no media file ${mediaFileId}`, {
      remedy: 'Upload the file first, then attach it by the id that comes back.',
    })
  })
}

/** What holds at this channel's own server. */
export function rulesOf(system: System, { network, ownLimits }: Target): NetworkDefinition {
  return withOwnLimits(definitionOf(system, network), ownLimits)
}

export function unavailable(definition: NetworkDefinition, { name }: Target): Problem {
  const message = `${name} is not connected any more`
  return { code: 'channel_unavailable', message, params: { network: definition.name, channel: name } }
}

function verdictOf(
  system: System,
  target: Target,
  content: Content,
  images: readonly ImageToSend[],
): Verdict {
  const definition = rulesOf(system, target)
  const text = content.variants?.[target.id] ?? content.text
  const comment = commentVerdictOf(definition, target, content)
  const problems = problemsOf(definition, text, images)
  if (!target.isActive) problems.unshift(unavailable(definition, target))
  const unreachable = images.length === 0 ? null : mediaProblem(system, target)
  if (unreachable) problems.push(unreachable)
  return {
    channelId: target.id,
    network: target.network,
    ...lengthOf(definition, text),
    problems,
    comment,
  }
}

/** The comment that will go out below a post, or null. */
export function commentOf(
  verdict: CommentVerdict | null,
  content: Content,
  { id }: Pick<Target, 'id'>,
): string | null {
  return verdict?.isOffered ? firstCommentFor(content, id) : null
}
