/**
 * The one request to a model: an OpenAI-compatible chat completion. Only `model-gate.ts` may use it.
 *
 * What a server says of an error is not passed on: it may hold a part of the key.
 */
import { Agent, request } from 'undici'
import { z } from 'zod'
import { chatPath } from '#domain/ai.ts'
import { errorCode, mayHaveBeenSent } from '#networks/metered-fetch.ts'
import { publicLookup, refusePrivateLiteral } from '#networks/public-hosts.ts'

export type ModelServer = {
  /** Base address, without a trailing slash. */
  endpoint: string
  model: string
  apiKey: string | null
  /** Whether the operator chose it; any other server must be public. */
  isTrusted: boolean
}

export type ModelQuestion = { instruction: string; texts: readonly string[] }

/** `wasSent`: the texts may have reached the server. */
export type ModelAnswer =
  | { kind: 'answered'; status: number; content: string }
  | { kind: 'failed'; why: ModelFailure; status: number | null; wasSent: boolean }

export type ModelFailure = 'unreachable' | 'not-public' | 'too-slow' | 'refused' | 'cancelled' | 'unusable'

/** Models on small machines are slow; people wait no longer. */
export const answerWithinMs = 60_000
/** Bytes of an answer. */
const mostBytes = 1_000_000

const limits = { maxResponseSize: mostBytes, headersTimeout: answerWithinMs, bodyTimeout: answerWithinMs }
const agent = new Agent(limits)
const publicAgent = new Agent({ ...limits, connect: { lookup: publicLookup } })

const completion = z.object({
  choices: z.array(z.object({ message: z.object({ content: z.string().min(1) }) })).min(1),
})

export async function sendToModel(
  { endpoint, model, apiKey, isTrusted }: ModelServer,
  { instruction, texts }: ModelQuestion,
  signal: AbortSignal,
): Promise<ModelAnswer> {
  const messages = [
    { role: 'system', content: instruction },
    ...texts.map((content) => ({ role: 'user', content })),
  ]
  const inTime = AbortSignal.timeout(answerWithinMs)
  let status: number | null = null
  try {
    if (!isTrusted) refusePrivateLiteral(endpoint)
    const response = await request(endpoint + chatPath, {
      method: 'POST',
      headers: {
        accept: 'application/json',
        'content-type': 'application/json',
        ...(apiKey === null ? {} : { authorization: `Bearer ${apiKey}` }),
      },
      body: JSON.stringify({ model, messages, stream: false }),
      dispatcher: isTrusted ? agent : publicAgent,
      signal: AbortSignal.any([signal, inTime]),
    })
    status = response.statusCode
    const text = await response.body.text()
    if (status !== 200) return { kind: 'failed', why: 'refused', status, wasSent: true }
    const content = contentOf(text)
    return content === null
      ? { kind: 'failed', why: 'unusable', status, wasSent: true }
      : { kind: 'answered', status, content }
  } catch (cause) {
    const why = signal.aborted ? 'cancelled' : inTime.aborted ? 'too-slow' : failureOf(cause)
    return { kind: 'failed', why, status, wasSent: status !== null || mayHaveBeenSent(cause) }
  }
}

function contentOf(text: string): string | null {
  try {
    return completion.parse(JSON.parse(text)).choices[0]?.message.content ?? null
  } catch {
    return null
  }
}

function failureOf(cause: unknown): ModelFailure {
  const code = errorCode(cause)
  if (code === 'HOST_NOT_PUBLIC') return 'not-public'
  if (code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE') return 'unusable'
  return code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT' ? 'too-slow' : 'unreachable'
}
