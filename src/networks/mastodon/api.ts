/** Calls to an instance, and schemas of what is read of its answers. */
import { z } from 'zod'
import type { VerbContext } from '../contract.ts'
import type { Answer, Call } from '../metered-fetch.ts'

const text = z.string().min(1)
const count = z.number().optional()

export const appSchema = z.looseObject({ client_id: text, client_secret: text })
export const tokenSchema = z.looseObject({ access_token: text, scope: z.string().optional() })
export const accountSchema = z.looseObject({
  id: text,
  username: text,
  display_name: z.string().optional(),
  url: text,
  followers_count: count,
})
export const mediaSchema = z.looseObject({ id: text })
export const statusSchema = z.looseObject({
  id: text,
  url: z.string().nullish(),
  uri: z.string().optional(),
  created_at: text,
  content: z.string(),
  in_reply_to_id: z.string().nullish(),
  favourites_count: count,
  replies_count: count,
  reblogs_count: count,
  quotes_count: count,
})
export type Status = z.infer<typeof statusSchema>
export const statusesSchema = z.array(statusSchema)
/** What an instance says of itself; other software than Mastodon leaves parts out. */
export const instanceSchema = z.looseObject({
  title: z.string().optional(),
  version: z.string().optional(),
  configuration: z
    .looseObject({
      statuses: z
        .looseObject({
          max_characters: count,
          max_media_attachments: count,
          characters_reserved_per_url: count,
        })
        .optional(),
      media_attachments: z.looseObject({ image_size_limit: count, description_limit: count }).optional(),
    })
    .optional(),
})
export type Instance = z.infer<typeof instanceSchema>
export const termsSchema = z.looseObject({ effective_date: z.string().nullish() })
export const errorSchema = z.looseObject({ error: z.string(), error_description: z.string().optional() })

type InstanceCall = Omit<Call, 'url'> & { path: string; token?: string }

export function callInstance(context: VerbContext, call: InstanceCall): Promise<Answer> {
  const { path, token, headers, ...rest } = call
  return context.fetch({
    ...rest,
    url: `${context.hosts.apiUrl}${path}`,
    headers: { ...headers, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) },
  })
}
