/** What servers say of the proofs that come with tokens (RFC 9449, sections 8 and 9). */
import type { Answer } from '../metered-fetch.ts'
import { errorOf } from './error-body.ts'

const challengeOf = ({ headers }: Answer) => headers['www-authenticate'] ?? ''

/** It wants a word of its own in the proof that comes with the token, and did nothing. */
export function wantsNonce(answer: Answer): boolean {
  return answer.status === 401 && /^DPoP\b.*error="use_dpop_nonce"/.test(challengeOf(answer))
}

/** It does not believe the proof that came along, and did nothing. */
export function isProofRefused(answer: Answer): boolean {
  if (errorOf(answer).error === 'invalid_dpop_proof') return true
  return answer.status === 401 && /^DPoP\b.*error="invalid_dpop_proof"/.test(challengeOf(answer))
}

/** Servers believe a proof whose time is theirs within three minutes. */
const minute = 60_000
const believedMs = 2 * minute

/** Whether a proof was refused since this machine's clock is not theirs, in words; null where that is not why. */
export function clockTrouble(answer: Answer | null, now: Date): string | null {
  if (answer === null || !isProofRefused(answer)) return null
  const apart = now.getTime() - Date.parse(answer.headers['date'] ?? '')
  if (Number.isNaN(apart) || Math.abs(apart) < believedMs) return null
  const minutes = Math.round(Math.abs(apart) / minute)
  return `The clock of the machine Litfass runs on is ${minutes} minutes ${apart > 0 ? 'ahead of' : 'behind'} that of the Bluesky server, which therefore believes no sign-in`
}

export const setClock = 'Set that clock, best by a time service (NTP).'
