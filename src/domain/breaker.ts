/**
 * When a network's trouble is its own, and not an account's.
 *
 * Several accounts that fail at the same time are an outage: calls are held back by a breaker, one call at a
 * time tries whether it is over, and no account is blamed. There is a breaker for each ability at each
 * server of a network, since posting may fail while reading works, and one server while others do.
 */

import type { Reason } from './delivery.ts'

/** What may fail by itself: posting; reading (looking for posts, figures, conversations); renewing access. */
export type Ability = 'publish' | 'read' | 'connect'

/** `down`: an error of the server's, or no answer. `unauthorised`: access that worked is not accepted. */
export type Trouble = 'down' | 'unauthorised'

export type Verdict = 'works' | Trouble

/** What was last seen of a connection. */
export type Observation = { connectionId: string; verdict: Verdict; at: Date }

/** One server of a network, as a login reaches it. A simulator is one of its own, and so is each instance. */
export type Deployment = {
  login: string
  /** `''` is the network's own; else a host, or `sandboxServer`. */
  server: string
}

export const sandboxServer = 'sandbox'

/** Whose call it is, and where it goes. */
export type Source = Deployment & { connectionId: string }

/** The part of a workspace's notices about it. */
export function outageSubject({ login, server }: Deployment): string {
  return server === '' ? login : `${login}@${server}`
}

/** When observations are taken for an outage. */
export type OpeningRule = {
  /** What was seen longer ago says nothing of now. Milliseconds. */
  windowMs: number
  /** At least so many different connections must be in the trouble. */
  connections: number
  /** And at least this share of those that are in it or work. */
  share: number
}

export const openingRules: Readonly<Record<Trouble, OpeningRule>> = {
  // Failed deliveries return after 5, 10, 20 … s, so within five minutes every one that still fails was seen
  // again. Two are enough: to be wrong costs one probe, some seconds later.
  down: { windowMs: 5 * 60_000, connections: 2, share: 0.75 },
  // To be wrong here hides for a while that accounts must be connected again, so it takes three. The window is
  // what a person may have been told of an account before it is seen to be everybody's trouble.
  unauthorised: { windowMs: 15 * 60_000, connections: 3, share: 0.75 },
}

/** The longest time an observation can matter. Milliseconds. */
export const memoryMs = Math.max(...Object.values(openingRules).map((rule) => rule.windowMs))

/** What the connections of one deployment have in common now, by the last observation of each; null where nothing. */
export function commonTrouble(observations: Iterable<Observation>, now: Date): Trouble | null {
  const seen = [...observations]
  return isCommon('down', seen, now) ? 'down' : isCommon('unauthorised', seen, now) ? 'unauthorised' : null
}

function isCommon(trouble: Trouble, observations: readonly Observation[], now: Date): boolean {
  const { windowMs, connections, share } = openingRules[trouble]
  const since = now.getTime() - windowMs
  const inWindow = (verdict: Verdict) =>
    new Set(
      observations.flatMap((one) =>
        one.verdict === verdict && one.at.getTime() > since ? [one.connectionId] : [],
      ),
    ).size
  const failing = inWindow(trouble)
  return failing >= connections && failing >= share * (failing + inWindow('works'))
}

/** The first try comes soon, for most outages are hiccups; later ones grow rarer, for a long one gains nothing by them. */
const firstProbeMs = 5_000
/** What waits is at most about this late once the network works again. */
const longestProbeMs = 5 * 60_000

/**
 * When the next single call may try, after so many that failed: 5 s doubling to five minutes, and up to a
 * quarter more, so that installations do not return in step. `random` is in [0, 1).
 */
export function nextProbeAt(failedProbes: number, now: Date, random: number): Date {
  const wait = Math.min(longestProbeMs, firstProbeMs * 2 ** Math.min(failedProbes, 10))
  return new Date(now.getTime() + Math.round(wait * (1 + random / 4)))
}

/** A probe that has not ended after this is given up for lost, such as with its worker. Milliseconds. */
export const probePatienceMs = 2 * 60_000

/** Longer than the longest time between two probes: an outage nobody has met for so long, because nothing is due, is over. */
export const forgottenAfterMs = 15 * 60_000

/** Why a delivery waits: kept with it, so that the end of the outage finds it. */
export type OutageReason = Reason & { outage: string; ability: Ability; since: string }

export const outageCode = 'network_outage'

export type Outage = Deployment & { ability: Ability; cause: Trouble; openedAt: Date }

/** `name` is the network's. */
export function outageReason(name: string, outage: Outage): OutageReason {
  const since = outage.openedAt.toISOString()
  return {
    code: outageCode,
    message: `${outageSentence(name, outage)} Litfass tries again by itself.`,
    outage: outageSubject(outage),
    ability: outage.ability,
    since,
  }
}

export function outageSentence(name: string, outage: Pick<Outage, 'server' | 'cause' | 'openedAt'>): string {
  const since = `${outage.openedAt.toISOString().slice(0, 16).replace('T', ' ')} UTC`
  const what = outage.cause === 'down' ? 'has not answered as it should' : 'has accepted no account'
  return `${nameOfServer(name, outage.server)} ${what} since ${since}.`
}

/** A simulator bears its network's name: where it matters, its accounts are marked already. */
export function nameOfServer(name: string, server: string): string {
  return server === '' || server === sandboxServer ? name : `${name} (${server})`
}
