/**
 * A real personal data server for tests, with accounts, and a client of its own to look at what it holds.
 *
 * It runs as a child process with a folder and ports of its own and ends with the test.
 */
import { spawn } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { freePort } from './free-port.ts'

const jwtSecret = 'a secret of tests'
const adminPassword = 'admin'

// oxlint-disable-next-line typescript/no-explicit-any -- Tests state what they expect of it.
export type XrpcAnswer = { status: number; headers: Headers; body: any }
export type XrpcCall = {
  method?: 'GET' | 'POST'
  token?: string
  query?: Record<string, string>
  body?: object | Uint8Array
  type?: string
}

export type TestPds = Awaited<ReturnType<typeof startPds>>

/** `column`: where its requests to names below `.column` go, an ending that nobody has. */
export async function startPds({ column }: { column?: string } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'litfass-pds-'))
  const port = await freePort()
  const plcPort = await freePort()
  const server = await startProgram('pds.js', {
    folder,
    port,
    plcPort,
    jwtSecret,
    adminPassword,
    column,
  })
  const url = `http://127.0.0.1:${port}`
  return {
    url,
    /** As it calls itself. */
    ownUrl: `http://localhost:${port}`,
    plcUrl: `http://127.0.0.1:${plcPort}`,
    /** A new account with an app password. */
    account: (handle: string) => newAccount(url, handle),
    /** Its posts, as anybody reads them. */
    posts: async (
      did: string,
    ): Promise<Array<{ uri: string; cid: string; value: Record<string, unknown> }>> =>
      (
        await xrpc(url, 'com.atproto.repo.listRecords', {
          query: { repo: did, collection: 'app.bsky.feed.post', limit: '100' },
        })
      ).body.records,
    /** The bytes of an upload that a post uses. */
    blob: async (did: string, cid: string) =>
      Buffer.from(
        await (await fetch(`${url}/xrpc/com.atproto.sync.getBlob?did=${did}&cid=${cid}`)).arrayBuffer(),
      ),
    takeDown: async (did: string) => {
      const answer = await fetch(`${url}/xrpc/com.atproto.admin.updateSubjectStatus`, {
        method: 'POST',
        headers: {
          authorization: `Basic ${Buffer.from(`admin:${adminPassword}`).toString('base64')}`,
          'content-type': 'application/json',
        },
        body: JSON.stringify({
          subject: { $type: 'com.atproto.admin.defs#repoRef', did },
          takedown: { applied: true, ref: 'test' },
        }),
      })
      if (!answer.ok) throw new Error(await answer.text())
    },
    close: async () => {
      await server.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** The public view of what a server holds: reads it, and answers anybody with counts. Needs PostgreSQL. */
export async function startAppView(pds: Pick<TestPds, 'url' | 'plcUrl'>, databaseUrl: string) {
  const port = await freePort()
  const { stop } = await startProgram('appview.js', {
    port,
    dataPort: await freePort(),
    plcUrl: pds.plcUrl,
    pdsUrl: pds.url,
    databaseUrl,
  })
  return { url: `http://127.0.0.1:${port}`, close: stop }
}

/** A program of the test kit as a child process, once it says that it is ready. */
async function startProgram(name: string, settings: object): Promise<{ stop: () => Promise<void> }> {
  const program = fileURLToPath(new URL(`../kit/${name}`, import.meta.url))
  const child = spawn(process.execPath, [program, JSON.stringify(settings)], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, NODE_COMPILE_CACHE: join(tmpdir(), 'litfass-compile-cache') },
  })
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => {
    said = `${said}${chunk.toString('utf8')}`.slice(-4_000)
  })
  await Promise.race([
    once(createInterface(child.stdout), 'line'),
    once(child, 'exit').then(() => Promise.reject(new Error(`${name} ended: ${said}`))),
  ])
  return {
    stop: async () => {
      const ended = once(child, 'exit')
      child.stdin.end()
      await ended
    },
  }
}

/** One call as any client makes it. */
export async function xrpc(url: string, operation: string, call: XrpcCall = {}): Promise<XrpcAnswer> {
  const { token, query, body, type } = call
  const isBytes = body instanceof Uint8Array
  const answer = await fetch(`${url}/xrpc/${operation}${query ? `?${new URLSearchParams(query)}` : ''}`, {
    method: call.method ?? (body === undefined ? 'GET' : 'POST'),
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': type ?? 'application/json' }),
    },
    ...(body === undefined ? {} : { body: isBytes ? new Uint8Array(body) : JSON.stringify(body) }),
  })
  const text = await answer.text()
  return { status: answer.status, headers: answer.headers, body: text === '' ? null : JSON.parse(text) }
}

async function newAccount(url: string, handle: string) {
  const mainPassword = 'the password of the account'
  const { body: account } = await xrpc(url, 'com.atproto.server.createAccount', {
    body: { handle, email: `post@${handle}`, password: mainPassword },
  })
  if (account.did === undefined) throw new Error(`no account ${handle}: ${JSON.stringify(account)}`)
  const fullToken = String(account.accessJwt)
  const { body: made } = await xrpc(url, 'com.atproto.server.createAppPassword', {
    token: fullToken,
    body: { name: 'litfass' },
  })
  return {
    did: String(account.did),
    handle,
    mainPassword,
    password: String(made.password),
    revoke: () =>
      xrpc(url, 'com.atproto.server.revokeAppPassword', { token: fullToken, body: { name: 'litfass' } }),
    deactivate: () => xrpc(url, 'com.atproto.server.deactivateAccount', { token: fullToken, body: {} }),
  }
}

/** The same token with its time over, signed as the server signs. */
export function expired(token: string): string {
  const [head = '', claims = ''] = token.split('.')
  const known = JSON.parse(Buffer.from(claims, 'base64url').toString('utf8')) as { iat: number }
  const past = { ...known, iat: known.iat - 10_000, exp: known.iat - 1_000 }
  const signed = `${head}.${Buffer.from(JSON.stringify(past)).toString('base64url')}`
  return `${signed}.${createHmac('sha256', jwtSecret).update(signed).digest('base64url')}`
}
