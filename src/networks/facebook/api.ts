/** What is read of Facebook's answers, no more, and how a call to the Graph API is made. */
import { z } from 'zod'
import type { Purpose, VerbContext } from '../contract.ts'
import { appSecretProof } from '../graph.ts'
import type { Answer, Call } from '../metered-fetch.ts'

const id = z.coerce.string().min(1)

export const tokenAnswer = z.object({
  access_token: z.string().min(1),
  expires_in: z.coerce.number().optional(),
})
export const meAnswer = z.object({ id, name: z.string().default('') })
export const permissionsAnswer = z.object({
  data: z.array(z.object({ permission: z.string(), status: z.string() })),
})
export const accountsAnswer = z.object({ data: z.array(z.unknown()) })
export const debugAnswer = z.object({
  data: z.object({
    is_valid: z.boolean(),
    expires_at: z.number().optional(),
    scopes: z.array(z.string()).optional(),
  }),
})
export const pageAnswer = z.object({ id, name: z.string().default('') })
export const createdAnswer = z.object({ id })
export const permalinkAnswer = z.object({ permalink_url: z.string() })
const target = z.object({ target: z.object({ id }).optional() })
export const feedAnswer = z.object({
  data: z.array(
    z.object({
      id,
      message: z.string().default(''),
      created_time: z.string(),
      permalink_url: z.string().optional(),
      attachments: z
        .object({
          data: z.array(target.extend({ subattachments: z.object({ data: z.array(target) }).optional() })),
        })
        .optional(),
    }),
  ),
  paging: z
    .object({ cursors: z.object({ after: z.string() }).optional(), next: z.string().optional() })
    .optional(),
})
export const insightsAnswer = z.object({
  data: z.array(
    z.object({
      name: z.string(),
      values: z.array(z.object({ value: z.unknown(), end_time: z.string().optional() })),
    }),
  ),
})
export const countsAnswer = z.object({
  shares: z.object({ count: z.number() }).optional(),
  comments: z.object({ summary: z.object({ total_count: z.number() }).optional() }).optional(),
})

export type GraphCall = {
  method: Call['method']
  path: string
  query?: Record<string, string>
  token: string
  endpointClass: string
  dataClass?: string
  purpose: Purpose
  body?: NonNullable<Call['body']>
  /** Besides the token's; a multipart body names its boundary. */
  headers?: Record<string, string>
  countItems?: NonNullable<Call['countItems']>
  hasLink?: boolean
}

/** The token goes into a header, so that it never stands in an address that is logged. */
export async function graph(context: VerbContext, call: GraphCall): Promise<Answer> {
  const query = new URLSearchParams({ ...call.query, ...(await appSecretProof(context, call.token)) })
  return context.fetch({
    method: call.method,
    url: `${context.hosts.apiUrl}/${context.version}${call.path}${query.size > 0 ? `?${query}` : ''}`,
    endpointClass: call.endpointClass,
    dataClass: call.dataClass ?? 'none',
    purpose: call.purpose,
    headers: { ...call.headers, authorization: `Bearer ${call.token}` },
    ...(call.body === undefined ? {} : { body: call.body }),
    ...(call.countItems === undefined ? {} : { countItems: call.countItems }),
    ...(call.hasLink === undefined ? {} : { hasLink: call.hasLink }),
  })
}

/** Puts the version in front of the last two segments of a sign-in address. */
export function versioned(url: string, version: string): string {
  return url.replace(/\/[^/]+\/[^/]+$/, (tail) => `/${version}${tail}`)
}

/** The number of rows of a list answer. */
export function countRows(body: unknown): number {
  if (typeof body !== 'object' || body === null || !('data' in body)) return 0
  return Array.isArray(body.data) ? body.data.length : 0
}
