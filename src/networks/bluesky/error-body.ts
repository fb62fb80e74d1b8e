/** The name and the words of a refusal, which all servers of the network give alike. */
import { z } from 'zod'
import type { Answer } from '../metered-fetch.ts'

const errorSchema = z.looseObject({ error: z.string(), message: z.string().optional() })

export function errorOf(answer: Pick<Answer, 'json'>): { error: string; message: string } {
  const parsed = errorSchema.safeParse(answer.json)
  return { error: parsed.data?.error ?? '', message: parsed.data?.message ?? '' }
}
