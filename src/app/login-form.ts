/** What people type into a login's own form, checked before anything is sent anywhere. */
import { LitfassError } from '#domain/errors.ts'
import type { LoginField } from '#networks/contract.ts'
import { HostNotPublic, requirePublicHost } from '#networks/public-hosts.ts'
import type { System } from './system.ts'

/** The fields that were filled in; a server as its origin. Throws `invalid_input` or `host_not_allowed`. */
export async function checkedFields(
  system: System,
  fields: readonly LoginField[],
  typed: Readonly<Record<string, string>>,
  isSandbox: boolean,
): Promise<Record<string, string>> {
  const stray = Object.keys(typed).find((key) => !fields.some((field) => field.key === key))
  if (stray !== undefined) throw wrong(stray, 'is no field of this login', fields)
  const checked: Record<string, string> = {}
  for (const field of fields) {
    const value = typed[field.key]?.trim() ?? ''
    if (value === '' && field.isRequired) throw wrong(field.key, 'is needed', fields)
    // A simulated account lives here, whatever server is named.
    if (value === '' || (field.isHost && isSandbox)) continue
    checked[field.key] = field.isHost ? await serverOf(system, `fields.${field.key}`, value) : value
  }
  return checked
}

/** What a simulated account is entered with. */
export function sandboxFields(fields: readonly LoginField[]): Record<string, string> {
  return Object.fromEntries(
    fields.flatMap(({ key, sandboxValue }) => (sandboxValue === undefined ? [] : [[key, sandboxValue]])),
  )
}

function wrong(key: string, message: string, fields: readonly LoginField[]): LitfassError {
  return new LitfassError('invalid_input', `${key} ${message}`, {
    remedy: `Fill in ${fields.map((field) => `${field.key}${field.isRequired ? '' : ' (optional)'}`).join(', ')}.`,
    issues: [{ path: `fields.${key}`, message }],
  })
}

/** A bare name means https. Anything else than an origin is more likely a mistake than meant. */
export async function serverOf(system: System, path: string, value: string): Promise<string> {
  const url = /^https?:\/\//i.test(value) ? value : `https://${value}`
  const parsed = URL.canParse(url) ? new URL(url) : null
  if (!parsed || parsed.pathname !== '/' || parsed.search !== '' || parsed.username !== '')
    throw notAllowed(path, `${value} is no address of a server`, 'Write it like https://example.com.')
  await requireOpenServer(system, path, parsed, 'the sign-in')
  return parsed.origin
}

/**
 * Throws `host_not_allowed` for a server that somebody typed and that is not reached from everywhere, or would get
 * `what` unencrypted.
 */
export async function requireOpenServer(
  system: Pick<System, 'allowsPrivateHosts'>,
  path: string,
  { protocol, host, hostname, origin }: URL,
  what: string,
): Promise<void> {
  if (system.allowsPrivateHosts) return
  if (protocol !== 'https:')
    throw notAllowed(path, `${host} would get ${what} unencrypted`, 'Use an address with https.')
  try {
    await requirePublicHost(origin)
  } catch (cause) {
    const isPrivate = cause instanceof HostNotPublic
    throw notAllowed(
      path,
      isPrivate ? cause.message : `There is no server called ${hostname}`,
      isPrivate
        ? 'Use a server that is reached from everywhere, or start with LITFASS_ALLOW_PRIVATE_HOSTS=on.'
        : 'Check how its name is written.',
    )
  }
}

function notAllowed(path: string, message: string, remedy: string): LitfassError {
  return new LitfassError('host_not_allowed', message, {
    remedy,
    issues: [{ path, message }],
  })
}
