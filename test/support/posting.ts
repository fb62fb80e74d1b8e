/** What tests about posts share: sandbox channels of every network, pictures, and waiting for an outcome. */
import { sql } from 'kysely'
import sharp from 'sharp'
import type { Answer, TestProduct } from './product.ts'

export type Channel = { id: string; network: string; name: string }

/** Connects a sandbox account at every login of every network; gives one channel for each network. */
export async function connectSandbox(product: TestProduct): Promise<Channel[]> {
  const { db, networks } = product.product.system
  for (const { definition } of networks)
    await product.call('POST', '/connections', { body: { login: definition.logins[0]?.id, sandbox: true } })
  const { rows } = await sql<Channel>`
    select distinct on (network) id, network, name from channel where workspace_id = ${product.workspaceId} and state = 'active'
    order by network, id`.execute(db)
  return rows
}

export function picture(width = 1080, height = 1080): Promise<Buffer> {
  return sharp({ create: { width, height, channels: 3, background: '#c33' } })
    .jpeg()
    .toBuffer()
}

export async function upload(product: TestProduct, bytes: Uint8Array, name = 'red.jpg'): Promise<Answer> {
  const form = new FormData()
  form.set('file', new File([new Uint8Array(bytes)], name))
  const answer = await product.fetch('/api/v1/media', { method: 'POST', body: form })
  return { status: answer.status, headers: answer.headers, body: await answer.json() }
}

/** The post once nothing of it is under way any more. */
export async function settled(product: TestProduct, id: string): Promise<Answer['body']> {
  for (let round = 0; round < 200; round += 1) {
    const { body } = await product.call('GET', `/posts/${id}`)
    if (!['scheduled', 'publishing'].includes(body.state)) return body
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`post ${id} did not settle`)
}
