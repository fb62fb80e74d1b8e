/** What is made to happen to a delivery: at the network, to the process, to the clock. */

/** When something is done to a worker, told by what the network has seen of the post aimed at. */
export type Moment = 'due' | 'between-steps' | 'in-flight' | 'committed' | 'answered'

export type Act = 'kill' | 'kill-twice' | 'stall' | 'clock-ahead' | 'clock-behind'

/** A rule of the sandbox without its network; see `docs/sandbox.md`. `posts`: once for each post of the round. */
export type Rule = {
  fault: string
  match?: { effect: string }
  times?: number | 'always' | 'posts'
} & Record<string, unknown>

export type Fault = {
  id: string
  title: string
  rules?: readonly Rule[]
  act?: Act
  at?: Moment
  /** By how much the worker's clock is wrong from the start, in milliseconds. */
  skewMs?: number
  /** The account is connected again once everything has come to rest. */
  reconnects?: boolean
  /** Nothing of it makes the post impossible: refusing it would lose it. */
  mustGoOut: boolean
  /** Part of the short form. */
  isTelling?: boolean
  /** Needs two workers on one database. */
  needsTwo?: boolean
  /** Waits for real time, so it is done once. */
  isLong?: boolean
}

/** How long a slowed request takes; the clock is not moved before it ended. Milliseconds. */
export const slowMs = 500
export const pastDeadlineMs = 33_000
const hourMs = 3_600_000

const publish = { effect: 'publish' }
const upload = { effect: 'upload' }
const slowBefore: Rule = { fault: 'slow', match: publish, ms: slowMs, when: 'before', times: 'posts' }
const slowAfter: Rule = { fault: 'slow', match: publish, ms: slowMs, when: 'after', times: 'posts' }
const lostAfter: Rule = { fault: 'lost-after', match: publish, times: 'posts' }

export const faults: readonly Fault[] = [
  { id: 'none', title: 'nothing goes wrong', mustGoOut: true },
  {
    id: 'kill-due',
    title: 'SIGKILL around the due time, before or after the intent',
    act: 'kill',
    at: 'due',
    mustGoOut: true,
  },
  {
    id: 'kill-between',
    title: 'SIGKILL between steps (upload, container)',
    rules: [{ fault: 'slow', match: upload, ms: 150, when: 'after', times: 'posts' }],
    act: 'kill',
    at: 'between-steps',
    mustGoOut: true,
  },
  {
    id: 'kill-in-flight',
    title: 'SIGKILL while the request is on its way',
    rules: [slowBefore],
    act: 'kill',
    at: 'in-flight',
    mustGoOut: true,
  },
  {
    id: 'kill-committed',
    title: 'SIGKILL after the network committed, before its answer',
    rules: [slowAfter],
    act: 'kill',
    at: 'committed',
    mustGoOut: true,
    isTelling: true,
  },
  {
    id: 'kill-answered',
    title: 'SIGKILL after the answer, around our commit',
    act: 'kill',
    at: 'answered',
    mustGoOut: true,
  },
  {
    id: 'kill-twice',
    title: 'SIGKILL, and again of the one that takes over',
    rules: [slowAfter],
    act: 'kill-twice',
    at: 'committed',
    mustGoOut: true,
  },
  {
    id: 'stall',
    title: 'worker stands still past its lease and goes on beside another',
    act: 'stall',
    at: 'due',
    mustGoOut: true,
    needsTwo: true,
  },
  {
    id: 'stall-in-flight',
    title: 'the same while the request is on its way',
    rules: [slowBefore],
    act: 'stall',
    at: 'in-flight',
    mustGoOut: true,
    needsTwo: true,
  },
  {
    id: 'lost-before',
    title: 'reset before the request is handled',
    rules: [{ fault: 'lost-before', match: publish, times: 'posts' }],
    mustGoOut: true,
    isTelling: true,
  },
  { id: 'lost-after', title: 'answer lost once', rules: [lostAfter], mustGoOut: true, isTelling: true },
  {
    id: 'lost-always',
    title: 'answer lost every time',
    rules: [{ ...lostAfter, times: 'always' }],
    mustGoOut: true,
  },
  {
    id: 'never-arrives',
    title: 'reset before it is handled, every time',
    rules: [{ fault: 'lost-before', match: publish, times: 'always' }],
    mustGoOut: false,
  },
  {
    id: 'lost-upload',
    title: 'answer to an upload lost',
    rules: [{ fault: 'lost-after', match: upload, times: 'posts' }],
    mustGoOut: true,
  },
  {
    id: 'reset-upload',
    title: 'reset in the middle of an upload',
    rules: [{ fault: 'reset-upload', match: upload, times: 'posts' }],
    mustGoOut: true,
  },
  {
    id: 'reset-publish',
    title: 'reset in the middle of the publishing request',
    rules: [{ fault: 'reset-upload', match: publish, times: 'posts' }],
    mustGoOut: true,
  },
  {
    id: 'server-error',
    title: '503 after it was published',
    rules: [{ fault: 'server-error-after', match: publish, times: 'posts' }],
    mustGoOut: true,
    isTelling: true,
  },
  {
    id: 'cut-body',
    title: '200 with half a body',
    rules: [{ fault: 'cut-body', match: publish, times: 'posts' }],
    mustGoOut: true,
    isTelling: true,
  },
  {
    id: 'throttled',
    title: '429',
    rules: [{ fault: 'throttled', match: publish, times: 'posts' }],
    mustGoOut: true,
  },
  {
    id: 'outage',
    title: 'outage of three requests',
    rules: [{ fault: 'outage', times: 3 }],
    mustGoOut: true,
  },
  {
    id: 'unreadable',
    title: 'answer lost, then the network cannot be read for a while',
    rules: [lostAfter, { fault: 'outage', match: { effect: 'read' }, times: 6 }],
    mustGoOut: true,
  },
  {
    id: 'unauthorised',
    title: '401 although the token lives',
    rules: [{ fault: 'unauthorised', match: publish, times: 'posts' }],
    reconnects: true,
    mustGoOut: false,
  },
  {
    id: 'token-death',
    title: 'token dies at the sending; connected again later',
    rules: [{ fault: 'token-death', match: publish }],
    reconnects: true,
    mustGoOut: false,
  },
  {
    id: 'lost-and-dead',
    title: 'answer lost and then the token dies; connected again later',
    rules: [lostAfter, { fault: 'token-death', match: { effect: 'read' } }],
    reconnects: true,
    mustGoOut: true,
  },
  {
    id: 'past-deadline',
    title: 'answer comes after the deadline',
    rules: [{ fault: 'slow', match: publish, ms: pastDeadlineMs, when: 'after', times: 'posts' }],
    mustGoOut: true,
    isLong: true,
  },
  {
    id: 'clock-ahead',
    title: 'clock jumps an hour ahead while the request is on its way',
    rules: [slowBefore],
    act: 'clock-ahead',
    at: 'in-flight',
    mustGoOut: true,
  },
  {
    id: 'clock-behind',
    title: 'clock jumps an hour back while the request is on its way',
    rules: [slowBefore],
    act: 'clock-behind',
    at: 'in-flight',
    mustGoOut: true,
  },
  {
    id: 'ahead-lost',
    title: 'clock an hour ahead of the network, answer lost',
    rules: [lostAfter],
    skewMs: hourMs,
    mustGoOut: true,
  },
  {
    id: 'behind-lost',
    title: 'clock an hour behind the network, answer lost',
    rules: [lostAfter],
    skewMs: -hourMs,
    mustGoOut: true,
  },
]
