/** Calls to the Graph API and loose shapes of what is read from the answers. */
import { z } from 'zod'
import type { ChannelAccess, Purpose, VerbContext } from '../contract.ts'
import { appSecretProof } from '../graph.ts'
import type { Answer, Call } from '../metered-fetch.ts'
import { facebookLogin } from './definition.ts'

/** Ids come as strings, and from some endpoints as bare numbers. */
const id = z.union([z.string(), z.number()]).transform(String)

export const idAnswer = z.looseObject({ id })

export const instagramCodeAnswer = z.looseObject({
  access_token: z.string(),
  user_id: id.optional(),
  permissions: z.union([z.array(z.string()), z.string()]).optional(),
})

export const tokenAnswer = z.looseObject({
  access_token: z.string(),
  expires_in: z.coerce.number().optional(),
})

/** `id` is of the app; `user_id` is the account that paths and webhooks name. */
export const instagramMe = z.looseObject({
  user_id: id,
  username: z.string(),
  name: z.string().optional(),
})

export const facebookMe = z.looseObject({ id, name: z.string().optional() })

export const pageList = z.looseObject({ data: z.array(z.unknown()) })

export const debugAnswer = z.looseObject({
  data: z.looseObject({
    is_valid: z.boolean().optional(),
    expires_at: z.number().optional(),
    data_access_expires_at: z.number().optional(),
    scopes: z.array(z.string()).optional(),
  }),
})

export const accountAnswer = z.looseObject({
  id: id.optional(),
  username: z.string().optional(),
  followers_count: z.number().optional(),
})

export const quotaAnswer = z.looseObject({
  data: z.array(
    z.looseObject({
      quota_usage: z.number().optional(),
      config: z.looseObject({ quota_total: z.number().optional() }).optional(),
    }),
  ),
})

export const statusAnswer = z.looseObject({
  status_code: z.string().optional(),
  status: z.string().optional(),
})

const media = z.looseObject({
  id,
  caption: z.string().optional(),
  timestamp: z.string().optional(),
  permalink: z.string().optional(),
})
export type Media = z.infer<typeof media>
export const mediaAnswer = media
export const mediaList = z.looseObject({ data: z.array(media) })

export const insightsAnswer = z.looseObject({
  data: z.array(
    z.looseObject({
      name: z.string(),
      values: z.array(z.looseObject({ value: z.unknown() })).optional(),
      total_value: z.looseObject({ value: z.unknown() }).optional(),
    }),
  ),
})

export type GraphCall = {
  path: string
  params?: Record<string, string>
  endpointClass: string
  dataClass: string
  purpose: Purpose
  countItems?: (body: unknown) => number
  timeoutMs?: number
}

/**
 * One call as a channel or a person.
 *
 * The token goes as a parameter: whether graph.instagram.com takes a bearer header is documented nowhere.
 */
export async function graph(
  context: VerbContext,
  method: 'GET' | 'POST' | 'DELETE',
  accessToken: string,
  call: GraphCall,
): Promise<Answer> {
  const { path, params, ...rest } = call
  // The proof is described for Facebook's host; of Instagram's nothing is known.
  const proof = context.login.id === facebookLogin.id ? await appSecretProof(context, accessToken) : {}
  const all = new URLSearchParams({ ...params, access_token: accessToken, ...proof })
  const url = `${context.hosts.apiUrl}/${context.version}${path}`
  const full: Call =
    method === 'POST'
      ? { method, url, body: all, ...rest }
      : { method, url: `${url}?${all.toString()}`, ...rest }
  return context.fetch(full)
}

/** The container's state; what cannot be read is told apart from what is gone. */
export type ContainerStatus =
  | { kind: 'finished' | 'processing' | 'published' | 'expired' }
  | { kind: 'failed'; subcode?: number }
  | { kind: 'unreadable'; answer: Answer }

/** Answers seen in the field have an empty `status_code` and say `Error: …` in `status` only. */
export async function readStatus(
  context: VerbContext,
  channel: ChannelAccess,
  containerId: string,
  purpose: Purpose,
): Promise<ContainerStatus> {
  const answer = await graph(context, 'GET', channel.accessToken, {
    path: `/${containerId}`,
    params: { fields: 'status_code,status' },
    endpointClass: 'container.read',
    dataClass: 'own-post',
    purpose,
  })
  const body = statusAnswer.safeParse(answer.json)
  if (answer.status >= 400 || !body.success) return { kind: 'unreadable', answer }
  const { status_code: code = '', status = '' } = body.data
  switch (code) {
    case 'FINISHED':
      return { kind: 'finished' }
    case 'PUBLISHED':
      return { kind: 'published' }
    case 'EXPIRED':
      return { kind: 'expired' }
    case 'IN_PROGRESS':
      return { kind: 'processing' }
    default:
      return code === 'ERROR' || /^error/i.test(status) ? failure(status) : { kind: 'unreadable', answer }
  }
}

/** The status text is the only carrier of a failed container's subcode. */
function failure(status: string): ContainerStatus {
  const subcode = /\b(2207\d{3})\b/.exec(status)?.[1]
  return subcode === undefined ? { kind: 'failed' } : { kind: 'failed', subcode: Number(subcode) }
}

/** The permalink, or nothing: a post is live whether or not it can be read at once. */
export async function readPermalink(
  context: VerbContext,
  channel: ChannelAccess,
  mediaId: string,
  purpose: Purpose,
): Promise<string | undefined> {
  try {
    const answer = await graph(context, 'GET', channel.accessToken, {
      path: `/${mediaId}`,
      params: { fields: 'permalink' },
      endpointClass: 'media.read',
      dataClass: 'own-post',
      purpose,
      countItems: () => 1,
    })
    const body = mediaAnswer.safeParse(answer.json)
    return answer.status < 400 && body.success ? body.data.permalink : undefined
  } catch {
    return undefined
  }
}
