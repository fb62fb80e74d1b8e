/** What an instance takes, as it says itself. */
import type { OwnLimits } from '#domain/limits.ts'
import type { Network, VerbContext } from '../contract.ts'
import { type Answer, NoAnswer } from '../metered-fetch.ts'
import { callInstance, type Instance, instanceSchema } from './api.ts'

export function readInstance(context: VerbContext): Promise<Answer> {
  return callInstance(context, {
    method: 'GET',
    path: '/api/v2/instance',
    endpointClass: 'instance.read',
    dataClass: 'none',
    purpose: 'connect',
  })
}

/** Null where it does not say: other software leaves its limits out. */
export const ownLimits: NonNullable<Network['ownLimits']> = async (context) => {
  try {
    return limitsIn(await readInstance(context))
  } catch (cause) {
    if (!(cause instanceof NoAnswer)) throw cause
    return null
  }
}

export function limitsIn(answer: Answer): OwnLimits | null {
  const instance = instanceSchema.safeParse(answer.json)
  return answer.status === 200 && instance.success ? limitsOf(instance.data) : null
}

function limitsOf({ configuration }: Instance): OwnLimits {
  const { statuses, media_attachments: media } = configuration ?? {}
  const said: Record<keyof OwnLimits, number | undefined> = {
    maxLength: statuses?.max_characters,
    urlLength: statuses?.characters_reserved_per_url,
    maxCount: statuses?.max_media_attachments,
    maxBytes: media?.image_size_limit,
    maxAltLength: media?.description_limit,
  }
  // A limit of nothing is no limit anybody means.
  return Object.fromEntries(
    Object.entries(said).filter(
      ([, limit]) => limit !== undefined && Number.isSafeInteger(limit) && limit > 0,
    ),
  )
}
