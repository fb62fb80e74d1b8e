/** Names of accounts as people type and copy them. */

/** With their sign, and with marks of direction that some pages put around them. */
export function plainHandle(typed: string): string {
  return typed
    .replace(/[\u200E\u200F\u202A-\u202E\u2066-\u2069]/g, '')
    .trim()
    .replace(/^@/, '')
}
