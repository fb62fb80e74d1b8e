/** Comparing secrets in constant time. */
import { createHash, timingSafeEqual } from 'node:crypto'

export function isSameSecret(given: unknown, wanted: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return typeof given === 'string' && timingSafeEqual(digest(given), digest(wanted))
}
