/** Places in a list: opaque to callers, the last id after its time where that is the order. */
import { LitfassError } from '#domain/errors.ts'

export function cursorOf(id: string, at: Date | null = null): string {
  return Buffer.from(at === null ? id : `${at.toISOString()} ${id}`).toString('base64url')
}

/** Throws `invalid_input` for what `cursorOf` never gave. */
export function readCursor(cursor: string): { at: Date | null; id: string } {
  const text = Buffer.from(cursor, 'base64url').toString('latin1')
  const match = /^(?:(\S+) )?(\w{3,80})$/.exec(text)
  const at = match?.[1] === undefined ? null : new Date(match[1])
  if (!match?.[2] || (at !== null && Number.isNaN(at.getTime()))) throw noCursor()
  return { at, id: match[2] }
}

export function noCursor(): LitfassError {
  return new LitfassError('invalid_input', 'This cursor is of no page of this list', {
    remedy: 'Send the `next` of the page before, with the same filters, or leave the cursor out.',
  })
}
