/**
 * What Facebook, Instagram and Threads share: the error envelope of Meta's Graph API and the meaning of its
 * codes, and the version where it is the same. Each network adds rows of its own.
 */
import { createHmac } from 'node:crypto'
import type { PublishOutcome, Reason, RefusalFix } from '#domain/delivery.ts'
import type { ApiVersion, Fact, VerbContext } from './contract.ts'
import type { Answer } from './metered-fetch.ts'

const readOn = '2026-11-23'

/** Always sent: a call without a version is served by whatever the app's dashboard says. */
export const graphVersion: Fact<ApiVersion> = {
  value: { name: 'v25.0', endsOn: '2028-07-29' },
  source: 'https://developers.facebook.com/docs/graph-api/changelog',
  readOn,
}

/** Shows that the caller knows the app's secret; Meta asks for it where the app's settings say so. */
export async function appSecretProof(
  context: Pick<VerbContext, 'app'>,
  token: string,
): Promise<Record<string, string>> {
  const app = await context.app()
  if (!app?.clientSecret) return {}
  return { appsecret_proof: createHmac('sha256', app.clientSecret).update(token).digest('hex') }
}

export type GraphError = {
  code: number
  subcode?: number
  message: string
  isTransient?: boolean
  type?: string
  /** Meta's sentence for a person, in the locale of the call. */
  userMessage?: string
}

/** The error of an answer, or null. Token endpoints of Instagram answer without the `error` object. */
export function graphError(answer: Answer): GraphError | null {
  const body = asRecord(answer.json)
  if (!body) return null
  const error = asRecord(body['error'])
  if (error) return fromEnvelope(error)
  if (typeof body['error_message'] !== 'string') return null
  return {
    code: asNumber(body['code']) ?? 0,
    message: body['error_message'],
    ...(typeof body['error_type'] === 'string' ? { type: body['error_type'] } : {}),
  }
}

/** The object does not exist, or may not be seen; reported of fresh objects that were fine. */
export function isMissingObject(answer: Answer): boolean {
  const error = graphError(answer)
  return error?.code === 100 && error.subcode === 33
}

function fromEnvelope(error: Record<string, unknown>): GraphError {
  const subcode = asNumber(error['error_subcode'])
  const { code, type, message, is_transient: isTransient, error_user_msg: userMessage } = error
  const said = typeof message === 'string' ? message : ''
  const number = asNumber(code)
  return {
    code: number ?? 0,
    // Threads documents a code that is a word.
    message: number === undefined && typeof code === 'string' ? `${code} ${said}`.trim() : said,
    ...(subcode === undefined ? {} : { subcode }),
    ...(typeof isTransient === 'boolean' ? { isTransient } : {}),
    ...(typeof type === 'string' ? { type } : {}),
    ...(typeof userMessage === 'string' && userMessage !== '' ? { userMessage } : {}),
  }
}

function asRecord(value: unknown): Record<string, unknown> | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : null
}

function asNumber(value: unknown): number | undefined {
  if (typeof value === 'number') return value
  return typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : undefined
}

export type GraphAction = 'retry' | 'wait' | 'reauth' | 'user' | 'fix' | 'reconcile' | 'give-up'

/** A code, maybe a range of them, with what it means and what to do. `waitSeconds` is used without a header. */
export type GraphErrorRow = {
  code: number | [number, number]
  subcode?: number
  /** Stands in the message of this error, where its number says too little. */
  word?: string
  meaning: string
  action: GraphAction
  waitSeconds?: number
}

const businessLimits: readonly GraphErrorRow[] = [
  80000, 80001, 80002, 80003, 80004, 80005, 80006, 80008, 80009, 80014,
].map((code) => ({ code, meaning: 'The hourly or daily number of calls is used up', action: 'wait' }))

/** Source: Graph API error handling and rate limits on developers.facebook.com, read 2026-11-23. */
export const commonRows: readonly GraphErrorRow[] = [
  { code: 1, meaning: 'Meta had an unknown problem', action: 'retry' },
  { code: 2, meaning: 'Meta is not available at the moment', action: 'retry' },
  { code: 3, meaning: 'The app lacks a capability', action: 'give-up' },
  { code: 4, meaning: 'The app made too many calls', action: 'wait' },
  { code: 10, meaning: 'A permission is missing or was removed', action: 'reauth' },
  { code: 17, meaning: 'Too many calls were made for this person', action: 'wait' },
  { code: 17, subcode: 2446079, meaning: 'Too many calls were made', action: 'wait', waitSeconds: 60 },
  { code: 32, meaning: 'Too many calls were made for this page', action: 'wait' },
  { code: 100, meaning: 'Meta does not accept a part of the post', action: 'fix' },
  // Reported of objects that were only just made and fine, so it is read again before it is believed.
  { code: 100, subcode: 33, meaning: 'Meta does not find the object', action: 'reconcile' },
  { code: 102, meaning: 'The session is not valid any more', action: 'reauth' },
  { code: 104, meaning: 'The signature made with the app secret is wrong', action: 'give-up' },
  { code: 190, meaning: 'The access token is not valid any more', action: 'reauth' },
  { code: 190, subcode: 458, meaning: 'The app was removed from the account', action: 'reauth' },
  {
    code: 190,
    subcode: 459,
    meaning: 'Meta wants the person to sign in on its site first',
    action: 'reauth',
  },
  { code: 190, subcode: 460, meaning: 'The password was changed', action: 'reauth' },
  { code: 190, subcode: 463, meaning: 'The access token has expired', action: 'reauth' },
  {
    code: 190,
    subcode: 464,
    meaning: 'Meta wants the person to confirm the account first',
    action: 'reauth',
  },
  { code: 190, subcode: 467, meaning: 'The access token is not valid any more', action: 'reauth' },
  { code: 190, subcode: 492, meaning: 'The person has no role on the page any more', action: 'reauth' },
  { code: [200, 299], meaning: 'A permission is missing', action: 'reauth' },
  { code: 283, meaning: 'A permission for the page is missing', action: 'reauth' },
  { code: 341, meaning: 'The app reached a limit', action: 'wait', waitSeconds: 3_600 },
  // Meta lengthens the block with each try; a look comes first because the post may be live all the same.
  {
    code: 368,
    meaning: 'Meta blocked this action for the account for a while',
    action: 'reconcile',
    waitSeconds: 86_400,
  },
  { code: 483, meaning: 'Meta wants the person to consent again', action: 'reauth' },
  { code: 613, meaning: 'Too many calls were made in a short time', action: 'wait', waitSeconds: 60 },
  { code: 613, subcode: 1996, meaning: 'The calls came too unevenly', action: 'wait', waitSeconds: 3_600 },
  { code: 613, subcode: 1487742, meaning: 'Too many calls were made', action: 'wait', waitSeconds: 60 },
  ...businessLimits,
  { code: 2500, meaning: 'Meta does not understand the request', action: 'give-up' },
  { code: 2635, meaning: 'The version of the API is no longer served', action: 'give-up' },
  { code: 3001, subcode: 1504028, meaning: 'No metric was asked for', action: 'give-up' },
]

/**
 * The row that applies: a word in the message, own code and subcode, own subcode, common code and subcode, own code, common code.
 *
 * A row for a single code wins over one for a range.
 */
function rowFor(all: readonly GraphErrorRow[], error: GraphError): GraphErrorRow | undefined {
  const told = all.find(({ word }) => word !== undefined && error.message.includes(word))
  if (told) return told
  const own = all.filter(({ word }) => word === undefined)
  const exact = (row: GraphErrorRow) => row.code === error.code
  const covers = ({ code }: GraphErrorRow) =>
    Array.isArray(code) && code[0] <= error.code && error.code <= code[1]
  const ofSubcode = (row: GraphErrorRow) => row.subcode !== undefined && row.subcode === error.subcode
  const general = (row: GraphErrorRow) => row.subcode === undefined
  for (const kind of [ofSubcode, general]) {
    for (const rows of [own, commonRows]) {
      const row =
        rows.find((candidate) => kind(candidate) && exact(candidate)) ??
        rows.find((candidate) => kind(candidate) && covers(candidate))
      if (row) return row
    }
  }
  return undefined
}

/** What an error means. Two cases come before the table; both were seen with codes that say something else. */
function judge(own: readonly GraphErrorRow[], error: GraphError): GraphErrorRow {
  const { code, subcode, message } = error
  const row = rowFor(own, error)
  if (row?.word !== undefined) return row
  const isKnownSubcode = row?.subcode !== undefined
  if ((code === 1 || code === 2) && error.isTransient === false && !isKnownSubcode)
    return { code, meaning: 'Meta does not accept the post', action: 'fix' }
  // The message is the only carrier of this one.
  if (code === 100 && subcode === undefined && /permission|reviewable feature/i.test(message))
    return { code, meaning: 'A permission is missing', action: 'reauth' }
  if (row) return row
  if (error.isTransient) return { code, meaning: 'Meta had a passing problem', action: 'retry' }
  return { code, meaning: 'Meta refused the request', action: 'give-up' }
}

const defaultWaitSeconds = 15 * 60

/** The outcome of an answer that is no success. On a visible step, what is not certain is `unsure`. */
export function graphOutcome(
  own: readonly GraphErrorRow[],
  answer: Answer,
  now: Date,
  step: 'visible' | 'invisible',
): PublishOutcome {
  const error = graphError(answer)
  if (!error) return withoutEnvelope(answer, now, step)
  const found = judge(own, error)
  const row: GraphErrorRow =
    found.action === 'give-up' && answer.status >= 500 ? { ...found, action: 'reconcile' } : found
  const reason = { code: codeOf(error), message: sentence(row, error) }
  if (row.action === 'wait')
    return { kind: 'throttled', until: waitUntil(answer, now, row.waitSeconds), reason }
  if (row.action === 'retry' || row.action === 'reconcile') {
    if (step === 'invisible' && row.action === 'reconcile' && row.waitSeconds !== undefined)
      return { kind: 'throttled', until: waitUntil(answer, now, row.waitSeconds), reason }
    return uncertain(step, reason)
  }
  return { kind: 'refused', fix: fixes[row.action], reason }
}

const fixes: Readonly<Record<'reauth' | 'user' | 'fix' | 'give-up', RefusalFix>> = {
  reauth: 'reauthorise',
  user: 'user',
  fix: 'content',
  'give-up': 'give-up',
}

function withoutEnvelope(answer: Answer, now: Date, step: 'visible' | 'invisible'): PublishOutcome {
  const code = `http_${answer.status}`
  if (answer.status === 429) {
    const reason = { code, message: 'Meta asks to slow down.' }
    return { kind: 'throttled', until: waitUntil(answer, now, undefined), reason }
  }
  return uncertain(step, { code, message: `Meta gave no usable answer (HTTP ${answer.status}).` })
}

function uncertain(step: 'visible' | 'invisible', reason: Reason): PublishOutcome {
  return step === 'visible' ? { kind: 'unsure', reason } : { kind: 'networkDown', reason }
}

function codeOf(error: GraphError): string {
  const number = (value: number) => String(value).replace('-', 'minus_')
  const code = `graph_${number(error.code)}`
  return error.subcode === undefined ? code : `${code}_${number(error.subcode)}`
}

const remedies: Readonly<Record<GraphAction, string>> = {
  retry: 'Litfass tries again by itself.',
  wait: 'Litfass waits as long as Meta asks and then goes on.',
  reauth: 'Connect the account again and grant every permission asked for.',
  user: 'Open the app of the network with this account and follow what it asks.',
  fix: 'Change the post and schedule it again.',
  reconcile: 'Litfass looks whether the post is there before anything else happens.',
  'give-up': 'Ask the operator to check the app at Meta.',
}

function sentence(row: GraphErrorRow, error: GraphError): string {
  const said = error.userMessage ?? (row.action === 'fix' || row.action === 'give-up' ? error.message : '')
  const quoted = said === '' ? '' : ` Meta says: “${said}”`
  return `${row.meaning}.${quoted} ${remedies[row.action]}`
}

/**
 * When to come back: the header's minutes, else the row's seconds, else 15 minutes. Calls made while blocked
 * lengthen the block. Source: rate limits on developers.facebook.com, read 2026-11-23.
 */
function waitUntil(answer: Answer, now: Date, waitSeconds: number | undefined): Date {
  const minutes = minutesToRegain(answer)
  const seconds = minutes > 0 ? minutes * 60 : (waitSeconds ?? defaultWaitSeconds)
  return new Date(now.getTime() + seconds * 1_000)
}

/** The longest wait of any object in the usage headers. */
function minutesToRegain(answer: Answer): number {
  let longest = 0
  for (const name of ['x-business-use-case-usage', 'x-app-usage']) {
    const usage = asRecord(parse(answer.headers[name]))
    if (!usage) continue
    const entries = [usage, ...Object.values(usage).flatMap((value) => (Array.isArray(value) ? value : []))]
    for (const entry of entries)
      longest = Math.max(longest, asNumber(asRecord(entry)?.['estimated_time_to_regain_access']) ?? 0)
  }
  return longest
}

function parse(text: string | undefined): unknown {
  if (text === undefined) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
