/** Calls to the Graph API and loose shapes of what is read from the answers. */
import { z } from 'zod'
import type { ChannelAccess, Purpose, VerbContext } from '../contract.ts'
import { appSecretProof } from '../graph.ts'
import { callGraph, graphId, type GraphVerb } from '../graph-call.ts'
import { askContainer, type ContainerStatus, plainStatus } from '../graph-containers.ts'
import { facebookLogin } from './definition.ts'

export const instagramCodeAnswer = z.looseObject({
  access_token: z.string(),
  user_id: graphId.optional(),
  permissions: z.union([z.array(z.string()), z.string()]).optional(),
})

/** `id` is of the app; `user_id` is the account that paths and webhooks name. */
export const instagramMe = z.looseObject({
  /** As this app knows the account; what callbacks name. */
  id: graphId.optional(),
  user_id: graphId,
  username: z.string(),
  name: z.string().optional(),
})

export const facebookMe = z.looseObject({ id: graphId, name: z.string().optional() })

export const pageList = z.looseObject({ data: z.array(z.unknown()) })

export const followersAnswer = z.looseObject({ followers_count: z.number().optional() })

const statusAnswer = z.looseObject({
  status_code: z.string().optional(),
  status: z.string().optional(),
})

/**
 * One call as a channel or a person.
 *
 * The token goes as a parameter: whether graph.instagram.com takes a bearer header is documented nowhere.
 */
export const graph: GraphVerb = async (context, method, accessToken, call) => {
  // The proof is described for Facebook's host; of Instagram's nothing is known.
  const proof = context.login.id === facebookLogin.id ? await appSecretProof(context, accessToken) : {}
  return callGraph(context, method, accessToken, { ...call, params: { ...call.params, ...proof } })
}

/** Answers seen in the field have an empty `status_code` and say `Error: …` in `status` only. */
export async function readStatus(
  context: VerbContext,
  channel: ChannelAccess,
  containerId: string,
  purpose: Purpose,
): Promise<ContainerStatus> {
  const answer = await askContainer(graph, context, channel, containerId, purpose, 'status_code,status')
  const body = statusAnswer.safeParse(answer.json)
  if (answer.status >= 400 || !body.success) return { kind: 'unreadable', answer }
  const { status_code: code = '', status = '' } = body.data
  const plain = plainStatus(code)
  if (plain) return plain
  return code === 'ERROR' || /^error/i.test(status) ? failure(status) : { kind: 'unreadable', answer }
}

/** The status text is the only carrier of a failed container's subcode. */
function failure(status: string): ContainerStatus {
  const subcode = /\b(2207\d{3})\b/.exec(status)?.[1]
  return subcode === undefined ? { kind: 'failed' } : { kind: 'failed', failure: Number(subcode) }
}
