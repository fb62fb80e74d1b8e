/** Where networks send people back to after a consent. */
import type { System } from './system.ts'

/** Entered at the network when an app is registered. */
export function redirectUriOf({ origin }: Pick<System, 'origin'>): string {
  return `${origin}/api/v1/connections/callback`
}

/** The same where a network takes no name for this machine; the answer is led on from there. */
export function numericRedirectUriOf({ origin }: Pick<System, 'origin'>): string {
  return redirectUriOf({ origin: origin.replace(/^http:\/\/localhost(?=:|$)/, 'http://127.0.0.1') })
}
