/**
 * A network's verbs against the sandbox served alone, over real HTTP: what a connected account of each login
 * can do there.
 */
import { createHash } from 'node:crypto'
import { request } from 'undici'
import { accessTo, memorySteps, signInSandbox } from '#networks/conformance-kit.ts'
import type { DeliveryImage, LoginMethod, Network, PublishJob, VerbContext } from '#networks/contract.ts'
import { createMeteredFetch, unmetered } from '#networks/metered-fetch.ts'
import { loadSimulator, networks } from '#networks/registry.ts'
import { consentAnswerUrl } from '#networks/sandbox-kit.ts'
import { startSandbox } from '#sandbox/serve.ts'

export const jpeg = Buffer.from(
  '/9j/4AAQSkZJRgABAQEASABIAAD/2wBDAP//////////////////////////////////////////////////////////////////////////////////////wAALCAACAAIBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAAA//EABQQAQAAAAAAAAAAAAAAAAAAAAD/2gAIAQEAAD8AN//Z',
  'base64',
)
const app = { clientId: 'client', clientSecret: 'secret' }
const redirectUri = 'https://litfass.example/back'

export const everyLogin = networks.flatMap((network) =>
  network.definition.logins.map((login) => ({ network, login })),
)

export type SandboxWorld = Awaited<ReturnType<typeof startWorld>>

export async function startWorld() {
  const server = await startSandbox({ port: 0, host: '127.0.0.1', folder: null })
  // A network that fetches its pictures gets them from another sandbox.
  const other = await startSandbox({ port: 0, host: '127.0.0.1', folder: null })
  const mount = [...other.host.mounts.values()][0]
  if (!mount) throw new Error('no simulator')
  const pictureUrl = `${other.url}/_sandbox/${mount.network.id}/_files/${mount.files.put(jpeg)}`
  const picture: DeliveryImage = {
    mediaFileId: 'med_1',
    mimeType: 'image/jpeg',
    bytes: jpeg.length,
    width: 1080,
    height: 1080,
    altText: 'A column',
    publicUrl: pictureUrl,
    read: async () => jpeg,
  }
  const contextOf = async (network: Network, login: LoginMethod): Promise<VerbContext> => {
    const { id } = network.definition
    const { sandboxHosts } = await loadSimulator(id)
    return {
      login,
      hosts: sandboxHosts(login, `${server.url}/_sandbox/${id}`),
      version: network.definition.version?.value.name ?? '',
      fetch: createMeteredFetch(unmetered),
      now: server.host.clock.now,
      app: async () => app,
    }
  }
  /** Publishes until the outcome is final, moving the simulators' clock past each wait. */
  const publish = async (network: Network, context: VerbContext, job: PublishJob) => {
    let outcome = await network.publish(context, job)
    for (let round = 0; outcome.kind === 'processing' && round < 5; round += 1) {
      server.host.clock.change({ at: new Date(outcome.until.getTime() + 1_000).toISOString() })
      outcome = await network.publish(context, job)
    }
    return outcome
  }
  return {
    server,
    publish,
    /** Connects the account that stands last on the consent page; `job` is a post with a picture. */
    connect: async (network: Network, login: LoginMethod) => {
      const context = await contextOf(network, login)
      const connected = await connectLast(network, context)
      const job = (text: string): PublishJob => ({
        channel: accessTo(connected),
        payload: { text, images: [picture] },
        steps: memorySteps(),
      })
      return { context, connected, job }
    },
    close: async () => {
      await server.close()
      await other.close()
    },
  }
}

async function connectLast(network: Network, context: VerbContext) {
  if (context.login.kind === 'form') return signInSandbox(network, context.login.fields, context)
  const { url, memory } = await pageOf(network, context)
  const html = await (await request(url)).body.text()
  const last = [...html.matchAll(/type="radio" value="([^"]+)"/g)].at(-1)?.[1]
  const answer = await request(consentAnswerUrl(html, url, 'allow', last) ?? '')
  await answer.body.dump()
  const back = new URL(String(answer.headers['location'])).searchParams
  const issuer = back.get('iss')
  return network.connect(context, {
    app,
    redirectUri,
    code: (back.get('code') ?? '').replace(/#_$/, ''),
    codeVerifier: 'verifier',
    ...(memory === undefined ? {} : { memory }),
    ...(issuer === null ? {} : { issuer }),
  })
}

/** Where an account is asked for its consent: at a fixed address, or at one that the network gives for each. */
export async function pageOf(
  network: Network,
  context: VerbContext,
  to: string = redirectUri,
): Promise<{ url: string; memory?: Readonly<Record<string, unknown>> }> {
  const codeChallenge = createHash('sha256').update('verifier').digest('base64url')
  const asked = { app, redirectUri: to, state: 'state', codeChallenge }
  if (network.begin) return network.begin(context, asked)
  return { url: network.authorizeUrl(context.login, context.hosts, context.version, asked) }
}
