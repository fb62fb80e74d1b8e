/** Connections and their channels. */
import { request } from 'undici'
import { openChannel } from '#app/channel-access.ts'
import {
  addSandbox,
  adoptGrant,
  listChannels,
  listConnections,
  removeConnection,
  startLogin,
} from '#app/connections.ts'
import type { System } from '#app/system.ts'
import { LitfassError } from '#domain/errors.ts'
import type { Grant } from '#networks/contract.ts'
import { consentAnswerUrl } from '#networks/sandbox-kit.ts'
import { json } from './json.ts'
import { type Api, notThereYet } from './kit.ts'

export function connectionRoutes(api: Api, system: System) {
  return {
    connections: {
      list: api.connections.list.handler(async ({ context }) => ({
        items: json(await listConnections(system, context.actor)) as never,
      })),
      show: api.connections.show.handler(notThereYet),
      start: api.connections.start.handler(({ context, input }) =>
        startLogin(system, context.actor, input.login, input.sandbox),
      ),
      add: api.connections.add.handler(async ({ context, input }) => {
        if (input.sandbox)
          return json(await addSandbox(system, context.actor, input.login, visitConsent)) as never
        if (input.grant)
          return json(await adoptGrant(system, context.actor, input.login, grantOf(input.grant))) as never
        throw new LitfassError('grant_invalid', 'Neither a grant nor the sandbox was chosen', {
          remedy: 'Give an access token, choose the sandbox, or connect in the browser.',
        })
      }),
      choose: api.connections.choose.handler(notThereYet),
      impact: api.connections.impact.handler(notThereYet),
      check: api.connections.check.handler(notThereYet),
      remove: api.connections.remove.handler(({ context, input }) =>
        removeConnection(system, context.actor, input.id),
      ),
    },
    channels: {
      list: api.channels.list.handler(async ({ context }) => ({
        items: (await listChannels(system.db, context.actor)) as never,
      })),
      check: api.channels.check.handler(async ({ context, input }) => {
        const {
          network,
          context: verb,
          access,
        } = await openChannel(system, {
          workspaceId: context.actor.workspaceId,
          channelId: input.id,
          deliveryId: null,
          actor: context.actor.memberId,
        })
        return { items: await network.check(verb, access) }
      }),
      readings: api.channels.readings.handler(notThereYet),
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
async function visitConsent(url: string): Promise<{ code?: string; error?: string }> {
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
  const code = target.searchParams.get('code')
  return code === null ? { error: target.searchParams.get('error') ?? 'no code came back' } : { code }
}
