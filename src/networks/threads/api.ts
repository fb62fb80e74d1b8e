/** Loose shapes of what is read from Threads' answers, and the state of a container. */
import { z } from 'zod'
import type { ChannelAccess, Purpose, VerbContext } from '../contract.ts'
import { callGraph, graphId } from '../graph-call.ts'
import { askContainer, type ContainerStatus, plainStatus } from '../graph-containers.ts'

export const codeAnswer = z.looseObject({ access_token: z.string() })

/** `id` is the profile that paths name. */
export const meAnswer = z.looseObject({ id: graphId, username: z.string() })

const statusAnswer = z.looseObject({ status: z.string(), error_message: z.string().optional() })

/** An `error_message` beside the status is the container's, not the call's. */
export async function readStatus(
  context: VerbContext,
  channel: ChannelAccess,
  containerId: string,
  purpose: Purpose,
): Promise<ContainerStatus> {
  const fields = 'status,error_message'
  const answer = await askContainer(callGraph, context, channel, containerId, purpose, fields)
  const body = statusAnswer.safeParse(answer.json)
  if (answer.status >= 400 || !body.success) return { kind: 'unreadable', answer }
  const { status, error_message: failure } = body.data
  if (status !== 'ERROR') return plainStatus(status) ?? { kind: 'unreadable', answer }
  return failure === undefined ? { kind: 'failed' } : { kind: 'failed', failure }
}
