/** The simulators as a web server sees them: what needs a key, and what each request is answered with. */
import type { SandboxResponse } from '#networks/sandbox-kit.ts'
import { control, isControlPath, isWallPage } from './control.ts'
import type { Head, SandboxHost, Visit } from './host.ts'
import { signInPage } from './pages.ts'

export type SandboxDoor = {
  isControl: (path: string) => boolean
  /** Needs a key or a session. Throws `LitfassError`. */
  control: (head: Head, body: Uint8Array) => Promise<SandboxResponse>
  /** For people who are not signed in; null where no person looks. */
  signIn: (head: Head) => SandboxResponse | null
  visit: (head: Head) => Visit | null
}

export function sandboxDoor(host: SandboxHost): SandboxDoor {
  return {
    isControl: isControlPath,
    control: (head, body) => control(host, head, body),
    signIn: (head) => (isWallPage(head.path) ? signInPage(head) : null),
    visit: host.visit,
  }
}
