/**
 * Where every network sends a person back to after a consent.
 *
 * A browser is led on to the web app; a client that does not ask for a page gets JSON. The state, which
 * works once, says whose consent it was. Neither code nor state is repeated in an address or a log.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { type ConsentAnswer, finishLogin, type IsAsker } from '#app/connecting.ts'
import type { ConnectedView } from '#app/connection-saving.ts'
import { numericRedirectUriOf } from '#app/redirect-uri.ts'
import { actorOfSession, type SessionKeys, tokenOf } from '#app/sessions.ts'
import type { System } from '#app/system.ts'
import { LitfassError } from '#domain/errors.ts'

export function connectionCallback(app: FastifyInstance, system: System, keys: SessionKeys): void {
  app.get('/api/v1/connections/callback', async (request, reply) => {
    reply.header('cache-control', 'no-store').header('referrer-policy', 'no-referrer')
    // Some networks know this machine by number only; the browser is signed in at its name.
    if (request.headers.host !== new URL(system.origin).host && isByNumber(request, system))
      return reply.code(303).header('location', `${system.origin}${request.url}`).send()
    const answer = answerIn(request.query as Record<string, unknown>)
    if (!wantsPage(request)) {
      const asker = isBrowser(request) ? askerIn(request, system, keys) : undefined
      return reply.send(await finishLogin(system, answer, asker))
    }
    try {
      return await leadOn(
        reply,
        successPath(await finishLogin(system, answer, askerIn(request, system, keys))),
      )
    } catch (cause) {
      if (!(cause instanceof LitfassError)) throw cause
      const told = new URLSearchParams({ error: cause.code, message: cause.message })
      return leadOn(reply, `/connections?${told}`)
    }
  })
}

function isByNumber(request: FastifyRequest, system: System): boolean {
  return `http://${request.headers.host}` === new URL(numericRedirectUriOf(system)).origin
}

function askerIn(request: FastifyRequest, system: System, keys: SessionKeys): IsAsker {
  return async ({ workspaceId, memberId }) => {
    const token = tokenOf(request.headers.cookie, keys)
    if (token === null) return false
    return (await actorOfSession(system.db, token, workspaceId, system.now()))?.memberId === memberId
  }
}

/** Also where it loads a picture: a network that asks no more would else give an account away unseen. */
function isBrowser({ headers }: FastifyRequest): boolean {
  return headers['sec-fetch-site'] !== undefined || headers['user-agent']?.startsWith('Mozilla/') === true
}

function answerIn(query: Record<string, unknown>): ConsentAnswer {
  return Object.fromEntries(
    ['state', 'code', 'error', 'iss'].flatMap((name) => {
      const value = query[name]
      return typeof value === 'string' && value !== '' && !value.includes('\0') ? [[name, value]] : []
    }),
  )
}

function wantsPage(request: FastifyRequest): boolean {
  return (request.headers.accept ?? '').split(',').some((type) => type.trim().startsWith('text/html'))
}

/** To the choice of channels where there is one to make. */
function successPath({ connection, channels }: ConnectedView): string {
  const id = encodeURIComponent(connection.id)
  return channels.some((channel) => channel.state === 'offered')
    ? `/connections/${id}/channels?added=1`
    : `/connections?added=${id}`
}

/** 303: whatever the network's page did, the web app's page is fetched. */
function leadOn(reply: FastifyReply, path: string): FastifyReply {
  return reply.code(303).header('location', path).send()
}
