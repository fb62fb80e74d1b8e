/**
 * What is read of X's answers, and how X is called.
 *
 * Version 2.167 of X's machine-readable description (2026-08-07) renamed fields without notice while its
 * prose kept the old names, so both dialects are accepted and the old one is sent.
 */
import { z } from 'zod'
import type { VerbContext } from '../contract.ts'
import type { Answer, Call } from '../metered-fetch.ts'

const count = z.coerce.number()

export const tokenSchema = z.looseObject({
  access_token: z.string().min(1),
  refresh_token: z.string().optional(),
  expires_in: z.coerce.number().optional(),
  scope: z.string().optional(),
})

export const userSchema = z.looseObject({
  data: z.looseObject({
    id: z.string(),
    name: z.string(),
    username: z.string(),
    public_metrics: z.looseObject({ followers_count: count.optional() }).optional(),
  }),
})

export const createdSchema = z.looseObject({ data: z.looseObject({ id: z.string().min(1) }) })
export const mediaSchema = z.looseObject({
  data: z.looseObject({
    id: z.string().min(1),
    expires_after_secs: z.coerce.number().optional(),
    processing_info: z
      .looseObject({ state: z.string(), check_after_secs: z.coerce.number().optional() })
      .optional(),
  }),
})

const entitiesSchema = z.looseObject({
  urls: z
    .array(
      z.looseObject({
        url: z.string(),
        expanded_url: z.string().optional(),
        media_key: z.string().optional(),
      }),
    )
    .optional(),
})
const noteSchema = z.looseObject({ text: z.string(), entities: entitiesSchema.optional() })

const postSchema = z.looseObject({
  id: z.string(),
  text: z.string(),
  created_at: z.string().optional(),
  entities: entitiesSchema.optional(),
  note_tweet: noteSchema.optional(),
  note_post: noteSchema.optional(),
  public_metrics: z.record(z.string(), z.unknown()).optional(),
})
export type RemotePost = z.infer<typeof postSchema>

export const problemSchema = z.looseObject({
  type: z.string().optional(),
  title: z.string().optional(),
  detail: z.string().optional(),
  reason: z.string().optional(),
  reset_date: z.string().optional(),
  errors: z.array(z.looseObject({ code: z.unknown(), message: z.string().optional() })).optional(),
})

export const postsSchema = z.looseObject({
  data: z.array(postSchema).optional(),
  errors: z.array(z.looseObject({ type: z.string().optional(), detail: z.string().optional() })).optional(),
  meta: z.looseObject({ next_token: z.string().optional() }).optional(),
})

/** Items X bills in an answer: the members of `data`, or one where it is an object. */
export function billedItems(body: unknown): number {
  if (typeof body !== 'object' || body === null || !('data' in body)) return 0
  return Array.isArray(body.data) ? body.data.length : 1
}

export function callX(
  context: VerbContext,
  accessToken: string,
  call: Omit<Call, 'url'> & { path: string },
): Promise<Answer> {
  const { path, ...rest } = call
  return context.fetch({
    ...rest,
    url: `${context.hosts.apiUrl}${path}`,
    headers: { ...rest.headers, authorization: `Bearer ${accessToken}` },
  })
}

/** Public address of a post, on the site that also shows the consent page. Needs no handle. */
export function permalink(context: VerbContext, id: string): string {
  return context.hosts.authorizeUrl.replace(/\/i\/oauth2\/authorize$/, `/i/web/status/${id}`)
}
