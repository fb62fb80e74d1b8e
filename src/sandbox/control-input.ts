/** What the control API is sent: checked, and refused with the place that is wrong. */
import { z } from 'zod'
import { LitfassError } from '#domain/errors.ts'
import type { Mounted, SandboxHost } from './host.ts'

/** The simulator of that name, or all of them. */
export function mountsOf(host: SandboxHost, network: string | null): Mounted[] {
  if (network === null) return [...host.mounts.values()]
  const mount = host.mounts.get(network)
  if (!mount) throw missing(`There is no sandbox network ${network}`)
  return [mount]
}

export function parse<T>(schema: z.ZodType<T>, body: Uint8Array): T {
  const text = new TextDecoder().decode(body)
  let value: unknown
  try {
    value = text === '' ? {} : JSON.parse(text)
  } catch {
    throw invalid('The body is no JSON', 'Send a JSON object.')
  }
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const issues = parsed.error.issues.map((issue) => ({
    path: issue.path.join('.') || 'body',
    message: issue.message,
  }))
  throw new LitfassError(
    'invalid_input',
    issues.map(({ path, message }) => `${path}: ${message}`).join('; '),
    {
      remedy: 'Correct the named fields; docs/sandbox.md describes each.',
      issues,
    },
  )
}

export function numberOf(text: string | null, name: string): number | null {
  if (text === null) return null
  const value = Number(text)
  if (Number.isInteger(value) && value > 0) return value
  throw invalid(`${name} is no positive whole number`, 'Send one, or leave it out.')
}

export function instantOf(text: string | null): number | null {
  if (text === null) return null
  const value = Date.parse(text)
  if (!Number.isNaN(value)) return value
  throw invalid('since is no instant', 'Send one like 2026-11-24T09:00:00Z.')
}

export function invalid(message: string, remedy: string): LitfassError {
  return new LitfassError('invalid_input', message, { remedy })
}

export function missing(message: string): LitfassError {
  return new LitfassError('not_found', message, { remedy: 'GET the list to see what there is.' })
}
