/** Shapes that several resources share. */
import { z } from 'zod'

/** ISO 8601 with offset, for example `2026-12-01T08:30:00.000Z`. */
export const instant = z.iso.datetime({ offset: true })
/** `amount` is an exact decimal; `currency` an ISO 4217 code. */
export const money = z.object({ amount: z.string(), currency: z.string() })
export const id = z
  .string()
  .min(3)
  .max(80)
  .regex(/^[\w-]+$/)
/** A NUL or half a surrogate pair cannot be kept as it is, and is never altered silently. */
export const isText = (value: string): boolean => !value.includes('\0') && value.isWellFormed()
export const notText = 'contains characters that are no text'
/** What a person writes. */
export const written = (max: number) => z.string().max(max).refine(isText, notText)
export const role = z.enum(['owner', 'admin', 'editor', 'viewer'])
export const locale = z.enum(['en', 'de'])

/** Something a network would refuse. `code` and `params` are for translation, `message` is English. */
export const problem = z.object({
  code: z.string(),
  message: z.string(),
  params: z.record(z.string(), z.union([z.string(), z.number()])).default({}),
})

/** `cursor` is the `next` of the page before; null means there is no more. */
export const page = {
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(200).optional(),
}
export function listOf<Item extends z.ZodType>(item: Item) {
  return z.object({ items: z.array(item), next: z.string().nullable() })
}
