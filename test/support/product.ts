/**
 * A whole product in this process: own folder, own port, embedded database, sandbox networks. Share one
 * per test file; starting one is what costs time.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { createKey, initialise } from '#app/initialise.ts'
import { newId } from '#domain/id.ts'
import { readConfig } from '#main/config.ts'
import { type Product, setupTokenFile, startProduct } from '#main/main.ts'

// oxlint-disable-next-line typescript/no-explicit-any -- Tests state what they expect of it.
export type Answer = { status: number; headers: Headers; body: any }

export type Call = {
  body?: unknown
  headers?: Record<string, string>
  /** Another key than the owner's; null sends none. */
  key?: string | null
}

export type TestProduct = {
  product: Product
  /** Where it listens, without a trailing slash. */
  url: string
  dataDir: string
  /** The owner's key; empty where `isBare`. */
  apiKey: string
  workspaceId: string
  ownerId: string
  setupToken: () => string
  /** Any path of the server, with the owner's key unless `headers` carry another or a cookie. */
  fetch: (path: string, init?: RequestInit) => Promise<Response>
  /** An operation below `/api/v1`, JSON in and out. */
  call: (method: string, path: string, call?: Call) => Promise<Answer>
  /** A second workspace with an owner of its own, who is nobody in the first. */
  addWorkspace: () => Promise<{ workspaceId: string; ownerId: string; apiKey: string }>
  close: () => Promise<void>
}

export type TestProductOptions = {
  /** Settings with their `LITFASS_` prefix. */
  env?: Record<string, string>
  now?: () => Date
  /** What it logs. */
  log?: (event: Record<string, unknown>) => void
  /** Nobody owns it yet. */
  isBare?: boolean
}

export async function startTestProduct(options: TestProductOptions = {}): Promise<TestProduct> {
  const dataDir = mkdtempSync(join(tmpdir(), 'litfass-product-'))
  const config = readConfig({
    LITFASS_PORT: '0',
    LITFASS_DATA_DIR: dataDir,
    // Tests ask faster than people; the test of the limit sets one.
    LITFASS_API_LIMIT: '0',
    ...options.env,
  })
  const now = options.now ?? (() => new Date())
  const product = await startProduct(config, {
    ...(options.now === undefined ? {} : { now: options.now }),
    ...(options.log === undefined ? {} : { log: options.log }),
  })
  const owner =
    options.isBare === true
      ? { workspaceId: '', ownerId: '', apiKey: '' }
      : await initialise(
          product.system.db,
          {
            workspace: 'Lemonade',
            name: 'Owner',
            email: 'owner@lemonade.example',
            timeZone: 'Europe/Berlin',
          },
          now(),
        )
  const address = product.server?.server.address()
  if (typeof address !== 'object' || !address) throw new Error('the product does not listen')
  const url = `http://127.0.0.1:${address.port}`
  const send: TestProduct['fetch'] = (path, init = {}) => {
    const headers = new Headers(init.headers)
    if (owner.apiKey && !headers.has('authorization') && !headers.has('cookie'))
      headers.set('authorization', `Bearer ${owner.apiKey}`)
    return fetch(url + path, { redirect: 'manual', ...init, headers })
  }
  return {
    product,
    url,
    dataDir,
    ...owner,
    setupToken: () => readFileSync(setupTokenFile(config), 'utf8'),
    fetch: send,
    call: async (method, path, { body, headers = {}, key = owner.apiKey } = {}) => {
      const answer = await fetch(`${url}/api/v1${path}`, {
        method,
        redirect: 'manual',
        headers: {
          ...(key && headers['cookie'] === undefined ? { authorization: `Bearer ${key}` } : {}),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      const text = await answer.text()
      return { status: answer.status, headers: answer.headers, body: text === '' ? null : JSON.parse(text) }
    },
    addWorkspace: () => addWorkspace(product, now()),
    close: async () => {
      await product.close()
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

async function addWorkspace(
  product: Product,
  now: Date,
): Promise<{ workspaceId: string; ownerId: string; apiKey: string }> {
  const { db } = product.system
  const workspaceId = newId('wsp', now)
  const ownerId = newId('mbr', now)
  await sql`insert into workspace (id, name, time_zone, created_at)
    values (${workspaceId}, 'Elsewhere', 'UTC', ${now})`.execute(db)
  await sql`insert into member (id, workspace_id, name, email, role, created_at)
    values (${ownerId}, ${workspaceId}, 'Else', ${`${ownerId}@elsewhere.example`}, 'owner', ${now})`.execute(
    db,
  )
  const { apiKey } = await createKey(db, { workspaceId, memberId: ownerId, role: 'owner' }, 'Else', now)
  return { workspaceId, ownerId, apiKey }
}
