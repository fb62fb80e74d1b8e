/** One call to a host of Meta's Graph API, and the answers that Instagram and Threads have in common. */
import { z } from 'zod'
import type { ChannelAccess, Purpose, VerbContext } from './contract.ts'
import type { Answer, Call } from './metered-fetch.ts'

/** Ids come as strings, and from some endpoints as bare numbers. */
export const graphId = z.union([z.string(), z.number()]).transform(String)

export const idAnswer = z.looseObject({ id: graphId })

export const tokenAnswer = z.looseObject({
  access_token: z.string(),
  expires_in: z.coerce.number().optional(),
})

const quota = z.looseObject({
  quota_usage: z.number().optional(),
  config: z.looseObject({ quota_total: z.number().optional() }).optional(),
})
export const quotaAnswer = z.looseObject({ data: z.array(quota) })

/** What Meta tells of a token; not every part comes from every host. */
export const debugAnswer = z.looseObject({
  data: z.looseObject({
    is_valid: z.boolean().optional(),
    expires_at: z.number().optional(),
    data_access_expires_at: z.number().optional(),
    scopes: z.array(z.string()).optional(),
  }),
})

const permalinkAnswer = z.looseObject({ permalink: z.string() })

export type GraphCall = {
  path: string
  params?: Record<string, string>
  endpointClass: string
  dataClass: string
  purpose: Purpose
  countItems?: (body: unknown) => number
  hasLink?: boolean
  timeoutMs?: number
}

export type GraphVerb = (
  context: VerbContext,
  method: 'GET' | 'POST' | 'DELETE',
  accessToken: string,
  call: GraphCall,
) => Promise<Answer>

/** The token goes as a parameter, which is the one documented way that every host takes. */
export const callGraph: GraphVerb = (context, method, accessToken, call) => {
  const { path, params, ...rest } = call
  const all = new URLSearchParams({ ...params, access_token: accessToken })
  const url = `${context.hosts.apiUrl}/${context.version}${path}`
  const full: Call =
    method === 'POST'
      ? { method, url, body: all, ...rest }
      : { method, url: `${url}?${all.toString()}`, ...rest }
  return context.fetch(full)
}

/** The permalink, or nothing: a post is live whether or not it can be read at once. */
export async function readPermalink(
  context: VerbContext,
  graph: GraphVerb,
  channel: ChannelAccess,
  mediaId: string,
): Promise<string | undefined> {
  try {
    const answer = await graph(context, 'GET', channel.accessToken, {
      path: `/${mediaId}`,
      params: { fields: 'permalink' },
      endpointClass: 'media.read',
      dataClass: 'own-post',
      purpose: 'publish',
      countItems: () => 1,
    })
    return answer.status < 400 ? permalinkAnswer.safeParse(answer.json).data?.permalink : undefined
  } catch {
    return undefined
  }
}
