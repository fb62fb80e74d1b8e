/**
 * How often one caller may ask. Counted per process, in windows of a minute.
 *
 * The API counts each member; what strangers reach (set-up, signing in, links) counts addresses and is much
 * stricter. The sandbox, media files and pages are not counted.
 */
import rateLimit from '@fastify/rate-limit'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Actor } from '#app/system.ts'
import { LitfassError } from '#domain/errors.ts'

/** Throws `rate_limited` where the caller has asked too often. */
export type Limit = (request: FastifyRequest) => Promise<void>

export type Limits = {
  /** Counts what a member does through the API. */
  member: (request: FastifyRequest, actor: Actor) => Promise<void>
  /** Counts requests whose key or session was refused. */
  refused: Limit
  /** For what anybody may read: whether there is an owner, what an invitation is for. */
  lookUp: Limit
  /** For what opens a door: set-up, signing in, a new password, accepting an invitation. */
  door: Limit
  /** For what sends mail to somebody. */
  mail: Limit
}

const minuteMs = 60_000

/** `perMember` requests a minute; 0 lifts that limit, and no other. */
export async function createLimits(app: FastifyInstance, perMember: number): Promise<Limits> {
  await app.register(rateLimit, { global: false })
  const members = new WeakMap<FastifyRequest, string>()
  const byMember = app.createRateLimit({
    max: perMember,
    timeWindow: minuteMs,
    keyGenerator: (request) => members.get(request) ?? request.ip,
  })
  const byAddress = (max: number): Limit => {
    const count = app.createRateLimit({ max, timeWindow: minuteMs })
    return async (request) => refuse(await count(request))
  }
  return {
    member: async (request, actor) => {
      if (perMember === 0) return
      members.set(request, actor.memberId)
      refuse(await byMember(request))
    },
    refused: byAddress(120),
    lookUp: byAddress(300),
    door: byAddress(30),
    mail: byAddress(6),
  }
}

type Counted = Awaited<ReturnType<ReturnType<FastifyInstance['createRateLimit']>>>

function refuse(counted: Counted): void {
  if (counted.isAllowed || !counted.isExceeded) return
  const seconds = Math.max(1, counted.ttlInSeconds)
  throw new LitfassError('rate_limited', `More than ${counted.max} requests in a minute`, {
    remedy: `Wait ${seconds} seconds and try again.`,
    retryAfterSeconds: seconds,
  })
}
