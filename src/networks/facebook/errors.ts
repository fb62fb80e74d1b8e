/** Facebook's own error codes. What all of Meta's platform shares stands in `../graph.ts`. */
import type { PublishOutcome } from '#domain/delivery.ts'
import { graphOutcome, type GraphErrorRow } from '../graph.ts'
import { NoAnswer, type Answer } from '../metered-fetch.ts'

/** Some subcodes were seen without a fixed code; the subcode alone decides. */
const anyCode: [number, number] = [-1_000, 1_000_000]

/** Source: page feed and page videos reference on developers.facebook.com, Postiz 74b01ada, read 2026-11-23. */
export const facebookRows: readonly GraphErrorRow[] = [
  // After a lost answer this is evidence that the first request worked.
  { code: 506, meaning: 'Facebook has this post already', action: 'reconcile' },
  { code: anyCode, subcode: 1366051, meaning: 'The photos were posted already', action: 'reconcile' },
  { code: 1609005, meaning: 'Facebook could not read the link', action: 'fix' },
  { code: 210, meaning: 'The person is not visible', action: 'give-up' },
  { code: 382, meaning: 'The video is too small', action: 'fix' },
  { code: 389, meaning: 'Facebook could not fetch the video', action: 'fix' },
  { code: 6000, meaning: 'Facebook could not take the video', action: 'fix' },
  { code: 6001, meaning: 'Facebook could not take the video', action: 'retry' },
  { code: anyCode, subcode: 1366046, meaning: 'A photo is too large or of the wrong type', action: 'fix' },
  { code: anyCode, subcode: 1390008, meaning: 'The page posts too fast', action: 'wait' },
  { code: anyCode, subcode: 1346003, meaning: 'Facebook takes the content for abusive', action: 'fix' },
  { code: anyCode, subcode: 1404006, meaning: 'Facebook asks for a security check', action: 'user' },
  { code: anyCode, subcode: 2069019, meaning: 'A file is not valid', action: 'fix' },
  { code: anyCode, subcode: 1404102, meaning: 'The content breaks the community standards', action: 'fix' },
  { code: anyCode, subcode: 1404078, meaning: 'The page needs a publishing authorisation', action: 'reauth' },
  { code: anyCode, subcode: 1609008, meaning: 'Facebook refuses links to itself here', action: 'fix' },
  { code: anyCode, subcode: 2061006, meaning: 'A link is not valid', action: 'fix' },
  { code: anyCode, subcode: 1349125, meaning: 'The format of the content is not valid', action: 'fix' },
  { code: anyCode, subcode: 1404112, meaning: 'The account is limited for some days', action: 'user' },
  { code: anyCode, subcode: 1363047, meaning: 'Facebook is not available at the moment', action: 'retry' },
  { code: anyCode, subcode: 1609010, meaning: 'Facebook is not available at the moment', action: 'retry' },
  { code: anyCode, subcode: 4854002, meaning: 'Facebook asks to confirm the identity', action: 'user' },
]

export function outcomeOf(answer: Answer, now: Date, step: 'visible' | 'invisible'): PublishOutcome {
  return graphOutcome(facebookRows, answer, now, step)
}

/** What an exception of the door means: a post may be live only if bytes left in the visible step. */
export function lostOutcome(cause: unknown, step: 'visible' | 'invisible'): PublishOutcome {
  if (!(cause instanceof NoAnswer)) throw cause
  const reason = { code: 'no_answer', message: `Facebook did not answer: ${cause.message}.` }
  return step === 'visible' && cause.sent ? { kind: 'unsure', reason } : { kind: 'networkDown', reason }
}

/** One sentence for a person about an answer that is no success. */
export function messageOf(answer: Answer, now: Date): string {
  const outcome = outcomeOf(answer, now, 'invisible')
  return 'reason' in outcome ? outcome.reason.message : 'Facebook refused the request.'
}

/** Carries an outcome out of an invisible step, so that a failure is never remembered as its result. */
export class StepFailed extends Error {
  override name = 'StepFailed'
  readonly outcome: PublishOutcome
  constructor(outcome: PublishOutcome) {
    super('an invisible step failed')
    this.outcome = outcome
  }
}
