/** What the simulators of Meta's networks share: the errors of the Graph API as refusals to ask for. */
import { commonRows, type GraphErrorRow } from './graph.ts'
import type { KnownError, SandboxRequest, SandboxResponse } from './sandbox-kit.ts'

/** HTTP status of an error; most stand in a plain 400. */
export function graphStatus(code: number): number {
  if (code === 190 || code === 102) return 401
  return code === 1 || code === 2 ? 500 : 400
}

/** A row with one code of its own. */
export type RefusedRow = { code: number; subcode?: number; meaning: string }

/** Every row as an error with the id `code` or `code/subcode`. Rows known by their subcode alone come as code 1. */
export function graphErrors(
  own: readonly GraphErrorRow[],
  answer: (row: RefusedRow, request: SandboxRequest) => SandboxResponse,
): Record<string, KnownError> {
  const errors: Record<string, KnownError> = {}
  for (const { code: range, subcode, meaning } of [...own, ...commonRows]) {
    const isAny = Array.isArray(range) && range[0] < 0
    const code = Array.isArray(range) ? (isAny ? 1 : range[0]) : range
    const row = { code, meaning, ...(subcode === undefined ? {} : { subcode }) }
    const id = subcode === undefined ? String(code) : `${code}/${subcode}`
    errors[id] ??= { status: graphStatus(code), meaning, answer: (request) => answer(row, request) }
  }
  return errors
}
