/** What a check of `doctor` finds. */
import { LitfassError } from '#domain/errors.ts'

/** A remedy stands wherever something is to be done. */
export type Finding = { name: string; state: 'ok' | 'warn' | 'fail'; message: string; remedy?: string }

export const ok = (name: string, message: string): Finding => ({ name, state: 'ok', message })
export const warn = (name: string, message: string, remedy: string): Finding => ({
  name,
  state: 'warn',
  message,
  remedy,
})
export const fail = (name: string, message: string, remedy: string): Finding => ({
  name,
  state: 'fail',
  message,
  remedy,
})

export function failedBy(name: string, cause: unknown, remedy: string): Finding {
  return cause instanceof LitfassError
    ? fail(name, cause.message, cause.remedy)
    : fail(name, cause instanceof Error ? cause.message : String(cause), remedy)
}
