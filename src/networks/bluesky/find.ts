/** Looking for a lost post under its own key: the server has it or has not, and says so at once. */
import type { FindOutcome, Reason } from '#domain/delivery.ts'
import type { Network } from '../contract.ts'
import { type Answer, NoAnswer } from '../metered-fetch.ts'
import { permalink, uriOf } from './api.ts'
import { errorOf } from './error-body.ts'
import { troubleOf, unreachable } from './errors.ts'
import { keyStep } from './publish.ts'
import { readRecord } from './read.ts'

export const find: Network['find'] = async (context, job) => {
  const did = job.channel.remoteId
  const key = job.steps.recall<string>(keyStep)
  // Without a key nothing was ever written.
  if (key === undefined) return { kind: 'absent' }
  let answer: Answer
  try {
    answer = await readRecord(context, did, key, 'reconcile')
  } catch (cause) {
    if (!(cause instanceof NoAnswer)) throw cause
    return unknown(unreachable)
  }
  if (answer.status === 200)
    return { kind: 'found', remoteId: uriOf(did, key), url: permalink(context, did, key) }
  if (errorOf(answer).error === 'RecordNotFound') return { kind: 'absent' }
  return unknown(troubleOf(answer, context.now()).reason)
}

const unknown = (reason: Reason): FindOutcome => ({ kind: 'unknown', reason })
