/** The contract's operations, each one use case. */
import { implement } from '@orpc/server'
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
import { createKey, listKeys, revokeKey } from '#app/initialise.ts'
import { addMedia } from '#app/media.ts'
import { latestMetrics, readingsOf } from '#app/metrics.ts'
import { requireRole } from '#app/permissions.ts'
import {
  cancelPost,
  createPost,
  dryRun,
  listPosts,
  type NewPost,
  resolveDelivery,
  showPost,
} from '#app/posts.ts'
import type { Actor, System } from '#app/system.ts'
import { contract } from '#contract/api.ts'
import { LitfassError } from '#domain/errors.ts'
import type { Grant } from '#networks/contract.ts'
import { consentAnswerUrl } from '#networks/sandbox-kit.ts'

type Context = { actor: Actor; requestId: string }

/** JSON form of a view: instants become ISO strings. */
type Json<T> = T extends Date
  ? string
  : T extends readonly (infer Item)[]
    ? Json<Item>[]
    : T extends object
      ? { [Key in keyof T]: Json<T[Key]> }
      : T
const json = <T>(value: T): Json<T> => JSON.parse(JSON.stringify(value)) as Json<T>

export function createRouter(system: System) {
  const api = implement(contract).$context<Context>()
  return api.router({
    networks: {
      list: api.networks.list.handler(async () => ({
        items: json(system.networks.map((network) => network.definition)) as unknown as Record<
          string,
          unknown
        >[],
      })),
    },
    connections: {
      list: api.connections.list.handler(async ({ context }) => ({
        items: json(await listConnections(system, context.actor)),
      })),
      start: api.connections.start.handler(({ context, input }) =>
        startLogin(system, context.actor, input.login, input.sandbox),
      ),
      add: api.connections.add.handler(async ({ context, input }) => {
        if (input.sandbox) return json(await addSandbox(system, context.actor, input.login, visitConsent))
        if (input.grant)
          return json(await adoptGrant(system, context.actor, input.login, grantOf(input.grant)))
        throw new LitfassError('grant_invalid', 'Neither a grant nor the sandbox was chosen', {
          remedy: 'Give an access token, choose the sandbox, or connect in the browser.',
        })
      }),
      remove: api.connections.remove.handler(({ context, input }) =>
        removeConnection(system, context.actor, input.id),
      ),
    },
    channels: {
      list: api.channels.list.handler(async ({ context }) => ({
        items: await listChannels(system.db, context.actor),
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
    },
    media: {
      add: api.media.add.handler(async ({ context, input }) =>
        addMedia(
          system,
          context.actor,
          input.file.name || 'image',
          new Uint8Array(await input.file.arrayBuffer()),
        ),
      ),
    },
    posts: {
      create: api.posts.create.handler(async ({ context, input }) =>
        json(await createPost(system, context.actor, input as NewPost)),
      ),
      dryRun: api.posts.dryRun.handler(async ({ context, input }) =>
        json(await dryRun(system, context.actor, input as NewPost)),
      ) as never,
      list: api.posts.list.handler(async ({ context, input }) =>
        json(await listPosts(system, context.actor, input as { limit: number; before?: string })),
      ),
      show: api.posts.show.handler(async ({ context, input }) =>
        json(await showPost(system, context.actor, input.id)),
      ),
      cancel: api.posts.cancel.handler(async ({ context, input }) =>
        json(await cancelPost(system, context.actor, input.id)),
      ),
      readings: api.posts.readings.handler(async ({ context, input }) => ({
        items: json(await readingsOf(system, context.actor, input.id)),
      })),
    },
    deliveries: {
      resolve: api.deliveries.resolve.handler(async ({ context, input }) =>
        json(await resolveDelivery(system, context.actor, input.id, input.resolution)),
      ),
    },
    metrics: {
      list: api.metrics.list.handler(async ({ context, input }) => ({
        items: json(await latestMetrics(system, context.actor, input.postId ?? null, input.limit)),
      })),
    },
    backups: {
      create: api.backups.create.handler(async ({ context }) => {
        requireRole(context.actor, 'owner')
        return { file: await system.backUp() }
      }),
    },
    keys: {
      list: api.keys.list.handler(async ({ context }) => ({
        items: json(await listKeys(system.db, context.actor)),
      })),
      create: api.keys.create.handler(({ context, input }) => {
        requireRole(context.actor, 'admin')
        return createKey(system.db, context.actor, input.name, system.now())
      }),
      revoke: api.keys.revoke.handler(async ({ context, input }) => {
        requireRole(context.actor, 'admin')
        await revokeKey(system.db, context.actor, input.id, system.now())
        return { id: input.id }
      }),
    },
  })
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
