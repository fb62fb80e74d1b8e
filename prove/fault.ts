/** What a fault is: what is made to happen to a delivery at the network, to the process, to the database, to the clock. */
import type { Loss } from './line.ts'

/** When something is done to a worker, told by what the network has seen of the post aimed at. */
export type Moment = 'due' | 'between-steps' | 'in-flight' | 'committed' | 'answered'

export type Act =
  | 'kill'
  | 'kill-twice'
  | 'stall'
  | 'partition'
  | 'power-cut'
  | 'database-crash'
  | 'connections-ended'
  | 'lines-cut'
  | 'clock-ahead'
  | 'clock-behind'

/** What a round is about: posts, first comments below posts that are out, or posts with comments that follow them. */
export type Subject = 'posts' | 'comments' | 'both'

/** A rule of the sandbox without its network; see `docs/sandbox.md`. `each`: once for each post or comment of the round. */
export type Rule = {
  fault: string
  match?: { effect: string }
  times?: number | 'always' | 'each'
} & Record<string, unknown>

export type Fault = {
  id: string
  title: string
  rules?: readonly Rule[]
  act?: Act
  at?: Moment
  /** Statements that do not reach the database server, or whose answers do not reach the worker. */
  loses?: Loss
  /** By how much the worker's clock is wrong from the start, in milliseconds. */
  skewMs?: number
  /** The account is connected again once everything has come to rest. */
  reconnects?: boolean
  /** Nothing of it makes the post impossible: refusing it would lose it. */
  mustGoOut: boolean
  /** Codes of reasons for which a network takes nothing while it lasts: refused for one of them is not lost. */
  excuses?: readonly string[]
  /** Tried on posts and on comments, where nothing else stands here. */
  subjects?: readonly Subject[]
  /** Of comments, those of these networks only: the others' have no such step. */
  commentsOf?: readonly string[]
  /** Part of the short form, by what a round is about. */
  tells?: readonly Subject[]
  /** What it needs: two workers on a database server, or a folder whose power can be cut. */
  needs?: 'server' | 'power'
  /** Waits for real time, so it is done once. */
  isLong?: boolean
  /** The clock does not jump until the take-over. */
  isRealTime?: boolean
}

const ofAll: ReadonlySet<Act> = new Set([
  'power-cut',
  'database-crash',
  'connections-ended',
  'lines-cut',
  'clock-ahead',
  'clock-behind',
])

export const everything: readonly Subject[] = ['posts', 'comments', 'both']

/** Whether every post of a round is hit by it, each at whatever it was doing. */
export function hitsAll({ act }: Fault): boolean {
  return act === undefined || ofAll.has(act)
}

/** How long a slowed request takes; the clock is not moved before it ended. Milliseconds. */
export const slowMs = 500
export const pastDeadlineMs = 33_000

export const publish = { effect: 'publish' }
export const slowBefore: Rule = { fault: 'slow', match: publish, ms: slowMs, when: 'before', times: 'each' }
export const slowAfter: Rule = { fault: 'slow', match: publish, ms: slowMs, when: 'after', times: 'each' }
