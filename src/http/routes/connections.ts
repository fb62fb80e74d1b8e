/** Connections and their channels. */
import { request } from 'undici'
import { channelReadings, chooseChannels, listChannels } from '#app/channels.ts'
import { addSandbox, adoptGrant, type ConsentAnswer, signIn, startLogin } from '#app/connecting.ts'
import { impactOf, listConnections, removeConnection, showConnection } from '#app/connections.ts'
import { checkChannel, checkConnection } from '#app/readiness.ts'
import type { System } from '#app/system.ts'
import { LitfassError } from '#domain/errors.ts'
import type { Grant } from '#networks/contract.ts'
import { consentAnswerUrl } from '#networks/sandbox-kit.ts'
import { json } from './json.ts'
import type { Api } from './kit.ts'

export function connectionRoutes(api: Api, system: System) {
  return {
    connections: {
      list: api.connections.list.handler(async ({ context }) => ({
        items: json(await listConnections(system, context.actor)),
      })),
      show: api.connections.show.handler(async ({ context, input }) =>
        json(await showConnection(system, context.actor, input.id)),
      ),
      start: api.connections.start.handler(({ context, input }) =>
        startLogin(system, context.actor, input.login, input.sandbox, input),
      ),
      add: api.connections.add.handler(async ({ context, input }) => {
        if (input.sandbox) return json(await addSandbox(system, context.actor, input.login, visitConsent))
        if (input.grant)
          return json(await adoptGrant(system, context.actor, input.login, grantOf(input.grant), input.host))
        throw new LitfassError('grant_invalid', 'Neither a grant nor the sandbox was chosen', {
          remedy: 'Give an access token, choose the sandbox, or connect in the browser.',
        })
      }),
      signIn: api.connections.signIn.handler(async ({ context, input }) =>
        json(await signIn(system, context.actor, input.login, input.fields, input.sandbox)),
      ),
      choose: api.connections.choose.handler(async ({ context, input }) => {
        await chooseChannels(system, context.actor, input.id, input.channelIds)
        const connection = json(await showConnection(system, context.actor, input.id))
        return { connection, channels: connection.channels.filter(({ state }) => state !== 'removed') }
      }),
      impact: api.connections.impact.handler(async ({ context, input }) =>
        json(await impactOf(system, context.actor, input.id)),
      ),
      check: api.connections.check.handler(async ({ context, input }) => ({
        items: await checkConnection(system, context.actor, input.id),
      })),
      remove: api.connections.remove.handler(({ context, input }) =>
        removeConnection(system, context.actor, input.id),
      ),
    },
    channels: {
      list: api.channels.list.handler(async ({ context }) => ({
        items: await listChannels(system, context.actor),
      })),
      check: api.channels.check.handler(async ({ context, input }) => ({
        items: await checkChannel(system, context.actor, input.id),
      })),
      readings: api.channels.readings.handler(async ({ context, input }) => ({
        items: json(await channelReadings(system, context.actor, input.id)),
      })),
    },
  }
}

function grantOf(given: {
  accessToken: string
  refreshToken?: string | undefined
  expiresAt?: string | undefined
  scopes: string[]
}): Grant {
  return {
    accessToken: given.accessToken,
    scopes: given.scopes,
    ...(given.refreshToken === undefined ? {} : { refreshToken: given.refreshToken }),
    ...(given.expiresAt === undefined ? {} : { accessExpiresAt: new Date(given.expiresAt) }),
  }
}

/** Presses "Allow" on a simulator's consent page. Only ever called with a sandbox host of this server. */
async function visitConsent(url: string): Promise<Omit<ConsentAnswer, 'state'>> {
  const page = await request(url)
  const html = await page.body.text()
  const answerUrl = consentAnswerUrl(html, url, 'allow')
  if (page.statusCode !== 200 || answerUrl === null)
    throw new LitfassError('connection_refused', `The simulator refused: ${html.slice(0, 300)}`, {
      remedy: 'Report this; the sandbox should always grant.',
    })
  const answer = await request(answerUrl)
  await answer.body.dump()
  const target = new URL(String(answer.headers['location']))
  const answerOf = Object.fromEntries(target.searchParams)
  return answerOf['code'] === undefined ? { error: answerOf['error'] ?? 'no code came back' } : answerOf
}
