/** Figures of posts and channels. The self-serve login may read none. */
import type { ChannelAccess, MeasureOutcome, MetricName, ReadingValue, VerbContext } from '../contract.ts'
import { type Answer, NoAnswer } from '../metered-fetch.ts'
import {
  analyticsSchema,
  encoded,
  get,
  isShareOnly,
  memberFollowersSchema,
  networkSizeSchema,
  statisticsSchema,
} from './api.ts'
import { problemOf, throttleEnd } from './errors.ts'

const metric = { endpointClass: 'metric.read', dataClass: 'metric', purpose: 'measure' } as const
const nothing: MeasureOutcome = { kind: 'measured', readings: [] }

const pageMetrics = [
  ['views', 'impressionCount'],
  ['reach', 'uniqueImpressionsCount'],
  ['clicks', 'clickCount'],
  ['likes', 'likeCount'],
  ['comments', 'commentCount'],
  ['shares', 'shareCount'],
] as const satisfies ReadonlyArray<readonly [MetricName, string]>

/** One call each. At 100 calls a day of the Development tier that is 20 posts a day. */
const memberMetrics = [
  ['views', 'IMPRESSION'],
  ['reach', 'MEMBERS_REACHED'],
  ['shares', 'RESHARE'],
  ['reactions', 'REACTION'],
  ['comments', 'COMMENT'],
] as const satisfies ReadonlyArray<readonly [MetricName, string]>

/** Figures have permissions of their own, which a person or LinkedIn may leave out while posts go through. */
export const figureScopes = {
  page: { post: 'rw_organization_admin', channel: 'rw_organization_admin' },
  member: { post: 'r_member_postAnalytics', channel: 'r_member_profileAnalytics' },
} as const

/** What says no without a call. A grant whose scopes are not known is asked. */
function missingScope(channel: ChannelAccess, of: 'post' | 'channel'): MeasureOutcome | null {
  const scope = figureScopes[channel.kind === 'organisation' ? 'page' : 'member'][of]
  if (channel.scopes.length === 0 || channel.scopes.includes(scope)) return null
  return { kind: 'unauthorised', message: `LinkedIn gives these figures with the permission ${scope} only.` }
}

export async function measurePost(
  context: VerbContext,
  channel: ChannelAccess,
  remoteId: string,
): Promise<MeasureOutcome> {
  if (isShareOnly(context)) return nothing
  const missing = missingScope(channel, 'post')
  if (missing) return missing
  return guarded(context, () =>
    channel.kind === 'organisation'
      ? measurePagePost(context, channel, remoteId)
      : measureMemberPost(context, channel, remoteId),
  )
}

export async function measureChannel(context: VerbContext, channel: ChannelAccess): Promise<MeasureOutcome> {
  if (isShareOnly(context)) return nothing
  const missing = missingScope(channel, 'channel')
  if (missing) return missing
  return guarded(context, () =>
    channel.kind === 'organisation' ? pageFollowers(context, channel) : memberFollowers(context, channel),
  )
}

async function guarded(context: VerbContext, run: () => Promise<MeasureOutcome>): Promise<MeasureOutcome> {
  try {
    return await run()
  } catch (cause) {
    if (!(cause instanceof NoAnswer)) throw cause
    return laterBy(context, 600, 'LinkedIn did not answer.')
  }
}

function laterBy(context: VerbContext, seconds: number, message: string): MeasureOutcome {
  return { kind: 'later', until: new Date(context.now().getTime() + seconds * 1_000), message }
}

/** Null for an answer that can be read. */
function trouble(context: VerbContext, answer: Answer): MeasureOutcome | null {
  if (answer.status < 300) return null
  const problem = problemOf(answer)
  if (answer.status === 429)
    return {
      kind: 'later',
      until: throttleEnd(problem, context.now()),
      message: 'LinkedIn’s limit is used up.',
    }
  if (answer.status === 401 || answer.status === 403)
    return { kind: 'unauthorised', message: 'LinkedIn does not let this connection read figures.' }
  if (answer.status === 404 && problem.code === 'NOT_FOUND') return { kind: 'gone' }
  return laterBy(context, 3_600, `LinkedIn answered ${answer.status}.`)
}

/** A post without activity is absent from the answer, which says nothing about whether it exists. */
async function measurePagePost(
  context: VerbContext,
  channel: ChannelAccess,
  urn: string,
): Promise<MeasureOutcome> {
  const list = urn.startsWith('urn:li:ugcPost:') ? 'ugcPosts' : 'shares'
  const path = `/rest/organizationalEntityShareStatistics?q=organizationalEntity&organizationalEntity=${encoded(channel.remoteId)}&${list}=List(${encoded(urn)})`
  const answer = await get(context, path, channel.accessToken, { ...metric, restliMethod: 'FINDER' })
  const bad = trouble(context, answer)
  if (bad) return bad
  const parsed = statisticsSchema.safeParse(answer.json)
  if (!parsed.success) return laterBy(context, 3_600, 'LinkedIn’s figures could not be read.')
  const own = parsed.data.elements.find((element) => element.share === urn || element.ugcPost === urn)
  const readings: ReadingValue[] = []
  for (const [name, remoteName] of pageMetrics) {
    const value = own?.totalShareStatistics?.[remoteName]
    if (value !== undefined) readings.push({ metric: name, remoteName, value })
  }
  return { kind: 'measured', readings }
}

async function measureMemberPost(
  context: VerbContext,
  channel: ChannelAccess,
  urn: string,
): Promise<MeasureOutcome> {
  const entity = `(${urn.startsWith('urn:li:ugcPost:') ? 'ugc' : 'share'}:${encoded(urn)})`
  const readings: ReadingValue[] = []
  for (const [name, remoteName] of memberMetrics) {
    const path = `/rest/memberCreatorPostAnalytics?q=entity&entity=${entity}&queryType=${remoteName}&aggregation=TOTAL`
    const answer = await get(context, path, channel.accessToken, { ...metric, restliMethod: 'FINDER' })
    const bad = trouble(context, answer)
    // What was read before a limit struck is kept; the missing metrics come with the next reading.
    if (bad) return bad.kind === 'later' && readings.length > 0 ? { kind: 'measured', readings } : bad
    const parsed = analyticsSchema.safeParse(answer.json)
    const value = parsed.success ? parsed.data.elements[0]?.count : undefined
    if (value !== undefined) readings.push({ metric: name, remoteName, value })
  }
  return { kind: 'measured', readings }
}

async function pageFollowers(context: VerbContext, channel: ChannelAccess): Promise<MeasureOutcome> {
  const path = `/rest/networkSizes/${encoded(channel.remoteId)}?edgeType=COMPANY_FOLLOWED_BY_MEMBER`
  const answer = await get(context, path, channel.accessToken, metric)
  const parsed = networkSizeSchema.safeParse(answer.json)
  return followers(context, answer, 'firstDegreeSize', parsed.data?.firstDegreeSize)
}

async function memberFollowers(context: VerbContext, channel: ChannelAccess): Promise<MeasureOutcome> {
  const answer = await get(context, '/rest/memberFollowersCount?q=me', channel.accessToken, {
    ...metric,
    restliMethod: 'FINDER',
  })
  const parsed = memberFollowersSchema.safeParse(answer.json)
  return followers(context, answer, 'memberFollowersCount', parsed.data?.elements[0]?.memberFollowersCount)
}

function followers(
  context: VerbContext,
  answer: Answer,
  remoteName: string,
  value: number | undefined,
): MeasureOutcome {
  const bad = trouble(context, answer)
  if (bad) return bad.kind === 'gone' ? nothing : bad
  return {
    kind: 'measured',
    readings: value === undefined ? [] : [{ metric: 'followers', remoteName, value }],
  }
}
