/** `Idempotency-Key` on writes: what makes two requests the same, and answering the second like the first. */
import { createHash } from 'node:crypto'
import { claimKey, closeKey, keepAnswer, releaseKey, type StoredAnswer } from '#app/idempotency.ts'
import type { Actor, System } from '#app/system.ts'
import { LitfassError } from '#domain/errors.ts'
import { watchWrites } from '#storage/writes.ts'

export type Write = { method: string; url: string; type: string; body: Uint8Array }
export type Answered = StoredAnswer & { isReplayed: boolean }

/** Runs a write at most once per key. Without a key it just runs. A fault of ours is no answer to keep. */
export async function answerOnce(
  system: System,
  actor: Actor,
  key: string | undefined,
  write: Write,
  run: () => Promise<StoredAnswer>,
): Promise<Answered> {
  if (key === undefined) return { ...(await run()), isReplayed: false }
  if (!/^[\x21-\x7e]{1,200}$/.test(key)) {
    throw new LitfassError('invalid_input', 'The Idempotency-Key is empty, too long or has odd characters', {
      remedy: 'Use 1 to 200 visible ASCII characters, for example a UUID.',
    })
  }
  const use = { key, hash: hashOf(actor, write) }
  const found = await claimKey(system, actor, use)
  if ('status' in found) return { ...found, isReplayed: true }
  const writes = { mayBeDone: false }
  const giveUp = () => (writes.mayBeDone ? closeKey : releaseKey)(system, actor, use, found)
  let answer: StoredAnswer
  try {
    answer = await watchWrites(writes, run)
  } catch (cause) {
    await giveUp()
    throw cause
  }
  if (answer.status >= 500) await giveUp()
  else await keepAnswer(system, actor, use, found, answer)
  return { ...answer, isReplayed: false }
}

/** Who asks is part of it: nobody gets an answer that was somebody else's. */
function hashOf(actor: Actor, { method, url, type, body }: Write): string {
  const boundary = /boundary="?([^";]+)/i.exec(type)?.[1]
  const hash = createHash('sha256')
  hash.update(JSON.stringify([actor.memberId, method, url, (type.split(';')[0] ?? '').trim().toLowerCase()]))
  for (const part of boundary === undefined ? [body] : partsOf(Buffer.from(body), boundary))
    hash.update(`\n${part.length}\n`).update(part)
  return hash.digest('hex')
}

/** A form that is sent again has a new boundary; what stands between the boundaries is what counts. */
function partsOf(body: Buffer, boundary: string): Buffer[] {
  const parts: Buffer[] = []
  let start = 0
  for (let at = body.indexOf(boundary); at >= 0; at = body.indexOf(boundary, start)) {
    parts.push(body.subarray(start, at))
    start = at + Buffer.byteLength(boundary)
  }
  return [...parts, body.subarray(start)]
}
