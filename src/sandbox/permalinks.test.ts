import { createHash } from 'node:crypto'
import { request } from 'undici'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { accessTo, memorySteps } from '#networks/conformance.ts'
import type { DeliveryImage, LoginMethod, Network, VerbContext } from '#networks/contract.ts'
import { createMeteredFetch, unmetered } from '#networks/metered-fetch.ts'
import { loadSimulator, networks } from '#networks/registry.ts'
import { consentAnswerUrl } from '#networks/sandbox-kit.ts'
import { startSandbox, type SandboxServer } from './serve.ts'

const jpeg = Buffer.from(
  '/9j/4AAQSkZJRgABAQEASABIAAD/2wBDAP//////////////////////////////////////////////////////////////////////////////////////wAALCAACAAIBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAAA//EABQQAQAAAAAAAAAAAAAAAAAAAAD/2gAIAQEAAD8AN//Z',
  'base64',
)
const app = { clientId: 'client', clientSecret: 'secret' }
const redirectUri = 'https://litfass.example/back'

let server: SandboxServer
let media: { server: SandboxServer; url: string }
beforeAll(async () => {
  server = await startSandbox({ port: 0, host: '127.0.0.1', folder: null })
  media = await servedPicture()
})
afterAll(async () => {
  await server.close()
  await media.server.close()
})

/** A picture that a network can fetch: one that another sandbox serves. */
async function servedPicture() {
  const other = await startSandbox({ port: 0, host: '127.0.0.1', folder: null })
  const mount = [...other.host.mounts.values()][0]
  if (!mount) throw new Error('no simulator')
  return { server: other, url: `${other.url}/_sandbox/${mount.network.id}/_files/${mount.files.put(jpeg)}` }
}

async function contextOf(network: Network, login: LoginMethod): Promise<VerbContext> {
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

/** Consents as the account that stands last on the page. */
async function connectLast(network: Network, context: VerbContext) {
  const url = network.authorizeUrl(context.login, context.hosts, context.version, {
    app,
    redirectUri,
    state: 'state',
    codeChallenge: createHash('sha256').update('verifier').digest('base64url'),
  })
  const html = await (await request(url)).body.text()
  const last = [...html.matchAll(/type="radio" value="([^"]+)"/g)].at(-1)?.[1]
  const answer = await request(consentAnswerUrl(html, url, 'allow', last) ?? '')
  await answer.body.dump()
  const code = new URL(String(answer.headers['location'])).searchParams.get('code') ?? ''
  return network.connect(context, {
    app,
    redirectUri,
    code: code.replace(/#_$/, ''),
    codeVerifier: 'verifier',
  })
}

describe.each(networks.flatMap((network) => network.definition.logins.map((login) => ({ network, login }))))(
  'the address of a post made by $login.id',
  ({ network, login }) => {
    it('opens as a page with its text and picture, without a key, until it is deleted', async () => {
      const context = await contextOf(network, login)
      const connected = await connectLast(network, context)
      const image: DeliveryImage = {
        mediaFileId: 'med_1',
        mimeType: 'image/jpeg',
        bytes: jpeg.length,
        width: 1080,
        height: 1080,
        altText: 'A column',
        publicUrl: media.url,
        read: async () => jpeg,
      }
      const payload = { text: `By ${login.id}\nin two lines`, images: [image] }
      const job = { channel: accessTo(connected), payload, steps: memorySteps() }
      let outcome = await network.publish(context, job)
      for (let round = 0; outcome.kind === 'processing' && round < 5; round += 1) {
        server.host.clock.change({ at: new Date(outcome.until.getTime() + 1_000).toISOString() })
        outcome = await network.publish(context, job)
      }
      if (outcome.kind !== 'published') throw new Error(JSON.stringify(outcome))
      const page = await request(outcome.url ?? '')
      const html = await page.body.text()
      expect(page.statusCode).toBe(200)
      expect(html).toContain(payload.text)
      const picture = await request(`${server.url}${/<img src="([^"]+)" alt="A column"/.exec(html)?.[1]}`)
      expect(Buffer.from(await picture.body.arrayBuffer()).equals(jpeg)).toBe(true)

      const [wall] = server.host.mounts.get(network.definition.id)?.network.wall().slice(-1) ?? []
      expect(wall).toMatchObject({ remoteId: outcome.remoteId, url: outcome.url })
      const removed = await network.remove(context, job.channel, outcome.remoteId ?? '')
      if (removed.kind !== 'removed') return
      const gone = await request(outcome.url ?? '')
      await gone.body.dump()
      expect(gone.statusCode).toBe(404)
    })
  },
)
