/**
 * Looking for a lost post among the account's own, newest first.
 *
 * Only when a whole look finds nothing may it be sent again, and then with the same key as before.
 */
import type { FindOutcome } from '#domain/delivery.ts'
import type { FindJob, Network, VerbContext } from '../contract.ts'
import { NoAnswer } from '../metered-fetch.ts'
import { callInstance, type Status, statusesSchema } from './api.ts'
import { troubleOf, unreachable } from './errors.ts'
import { comparable, plainText } from './html.ts'
import { textOf } from './publish.ts'

const skewMs = 5_000
const lateMs = 60_000
const maxPages = 10

export const find: Network['find'] = (context, job) => look(context, job)

/** Looks for a post, or with `replyTo` for a reply to that one: both stand in the account's list. */
export async function look(context: VerbContext, job: FindJob, replyTo?: string): Promise<FindOutcome> {
  try {
    let before: string | undefined
    for (let page = 0; page < maxPages; page += 1) {
      const listing = await list(context, job, before)
      if ('kind' in listing) return listing
      const match = await firstMatch(listing.statuses, job, replyTo)
      const url = match?.url ?? match?.uri
      if (match) return { kind: 'found', remoteId: match.id, ...(url === undefined ? {} : { url }) }
      const last = listing.statuses.at(-1)
      if (!last || Date.parse(last.created_at) < opensAt(job)) return { kind: 'absent' }
      before = last.id
    }
    return unknown('timeline_too_long', 'Too many posts since then to be sure. Look on Mastodon yourself.')
  } catch (cause) {
    if (!(cause instanceof NoAnswer)) throw cause
    return { kind: 'unknown', reason: unreachable }
  }
}

function unknown(code: string, message: string): FindOutcome {
  return { kind: 'unknown', reason: { code, message } }
}

async function list(
  context: VerbContext,
  job: FindJob,
  before: string | undefined,
): Promise<FindOutcome | { statuses: readonly Status[] }> {
  const query = new URLSearchParams({
    limit: '40',
    exclude_reblogs: 'true',
    ...(before === undefined ? {} : { max_id: before }),
  })
  const answer = await callInstance(context, {
    method: 'GET',
    path: `/api/v1/accounts/${encodeURIComponent(job.channel.remoteId)}/statuses?${query}`,
    endpointClass: 'timeline.read',
    dataClass: 'own-post',
    purpose: 'reconcile',
    token: job.channel.accessToken,
    countItems: (body) => (Array.isArray(body) ? body.length : 0),
  })
  if (answer.status !== 200) {
    const trouble = troubleOf(answer, context.now())
    return { kind: 'unknown', reason: 'reason' in trouble ? trouble.reason : unreachable }
  }
  const statuses = statusesSchema.safeParse(answer.json)
  if (!statuses.success)
    return unknown('unreadable', 'The instance gave no readable list. Litfass looks again.')
  return { statuses: statuses.data }
}

const opensAt = ({ sentAt }: FindJob) => sentAt.getTime() - skewMs

async function firstMatch(
  statuses: readonly Status[],
  job: FindJob,
  replyTo: string | undefined,
): Promise<Status | undefined> {
  const wanted = comparable(textOf(job.payload))
  for (const status of statuses) {
    const at = Date.parse(status.created_at)
    const isInWindow = at >= opensAt(job) && at <= job.deadlineAt.getTime() + lateMs
    if ((status.in_reply_to_id ?? undefined) !== replyTo) continue
    if (!isInWindow || comparable(plainText(status.content)) !== wanted) continue
    if (!(await job.isOurs(status.id))) return status
  }
  return undefined
}
