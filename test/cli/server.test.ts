/** How the command line finds its server, and what it makes of strange ones. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Listener, listen, runCli } from '#test/support/cli.ts'
import { freePort } from '#test/support/free-port.ts'

describe('the command line, looking for its server', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'litfass-cli-server-'))
  let server: Listener
  /** Keys that the server knows; what asks with another is told so. */
  const keys = new Set<string>()

  beforeAll(async () => {
    server = await listen(({ path, headers }) => {
      if (path === '/healthz') return { body: { ok: true } }
      if (path === '/api/v1/operator-key') {
        if (headers['x-operator-token'] !== 'operator') return { status: 403, body: { code: 'not_allowed' } }
        keys.add('lf_made')
        return { status: 201, body: { id: 'key_1', apiKey: 'lf_made' } }
      }
      return keys.has(headers.authorization?.slice('Bearer '.length) ?? '')
        ? { body: { items: [] } }
        : { status: 401, body: { code: 'not_signed_in', title: 'No key', remedy: 'Make one.' } }
    })
  })
  afterAll(async () => {
    await server.close()
    rmSync(dataDir, { recursive: true, force: true })
  })

  const list = (env: NodeJS.ProcessEnv = {}) =>
    runCli(['channel', 'list', '--json'], { env: { LITFASS_DATA_DIR: dataDir, ...env } })
  const isWritten = (instance: { url: string; pid: number }) =>
    writeFileSync(join(dataDir, 'server.json'), JSON.stringify(instance))

  it('gets itself a key on the machine of the server, and keeps it', async () => {
    isWritten({ url: server.url, pid: process.pid })
    writeFileSync(join(dataDir, 'operator-token'), 'operator')
    expect(await list()).toEqual({ code: 0, stdout: '{"items":[]}\n', stderr: '' })
    expect(readFileSync(join(dataDir, 'api-key'), 'utf8')).toBe('lf_made')
  })

  it('gets another one where the kept key was revoked', async () => {
    writeFileSync(join(dataDir, 'api-key'), 'lf_revoked')
    expect((await list()).code).toBe(0)
    expect(readFileSync(join(dataDir, 'api-key'), 'utf8')).toBe('lf_made')
  })

  it('never replaces a key that was given to it, and sends the token to no server it was pointed at', async () => {
    expect(await list({ LITFASS_API_KEY: 'lf_wrong' })).toMatchObject({ code: 1 })
    writeFileSync(join(dataDir, 'api-key'), 'lf_revoked')
    server.seen.length = 0
    expect(await list({ LITFASS_URL: server.url })).toMatchObject({ code: 1 })
    expect(server.seen.map(({ path }) => path)).toEqual(['/api/v1/channels'])
  })

  it('does not believe in a server whose process is gone, or whose port another program has', async () => {
    const stranger = await listen(() => ({ type: 'text/html', body: '<p>hello' }))
    // Where no server is believed in, the command opens the database itself; an unreadable setting shows that.
    const env = { LITFASS_PORT: 'none' }
    isWritten({ url: server.url, pid: 2 ** 22 + 1 })
    expect(JSON.parse((await list(env)).stderr)).toMatchObject({ code: 'config_invalid' })
    isWritten({ url: stranger.url, pid: process.pid })
    expect(JSON.parse((await list(env)).stderr)).toMatchObject({ code: 'config_invalid' })
    expect(stranger.seen.map(({ path, headers }) => [path, headers.authorization])).toEqual([
      ['/healthz', undefined],
    ])
    await stranger.close()
  })

  it('says that a proxy answered in its place', async () => {
    const proxy = await listen(() => ({ status: 502, type: 'text/html', body: '<h1>Bad Gateway' }))
    const { code, stderr } = await list({ LITFASS_URL: proxy.url, LITFASS_API_KEY: 'lf_any' })
    expect(code).toBe(1)
    expect(JSON.parse(stderr)).toMatchObject({
      code: 'server_unreachable',
      title: expect.stringContaining('502'),
      remedy: expect.stringContaining('proxy'),
    })
    await proxy.close()
  })

  it('says where nothing answers, and that an address is none', async () => {
    const env = { LITFASS_API_KEY: 'lf_any', LITFASS_URL: `http://127.0.0.1:${await freePort()}` }
    expect(JSON.parse((await list(env)).stderr)).toMatchObject({ code: 'server_unreachable' })
    expect(JSON.parse((await list({ LITFASS_URL: 'nonsense' })).stderr)).toMatchObject({
      code: 'config_invalid',
    })
  })

  it('loads nothing of the server, so that a short command starts fast', async () => {
    const hook = join(dataDir, 'hook.mjs')
    writeFileSync(
      hook,
      `import { registerHooks } from 'node:module'
       registerHooks({ load: (url, context, next) => (process.stderr.write(url + '\\n'), next(url, context)) })`,
    )
    const env = { LITFASS_URL: server.url, LITFASS_API_KEY: 'lf_made', NODE_OPTIONS: `--import=${hook}` }
    const { code, stderr } = await list(env)
    const own = stderr.split('\n').flatMap((url) => /\/(src\/\w+|node_modules\/[^/]+)/.exec(url)?.[1] ?? [])
    expect(code).toBe(0)
    expect([...new Set(own)].sort()).toEqual(['node_modules/commander', 'src/cli', 'src/domain'])
  })

  it('passes the whole problem on to a script, and title and remedy to a person', async () => {
    const problem = {
      code: 'conflict',
      title: 'It cannot be',
      remedy: 'Do so.',
      requestId: 'app_1',
      status: 409,
    }
    const refusing = await listen(() => ({ status: 409, type: 'application/problem+json', body: problem }))
    const env = { LITFASS_URL: refusing.url, LITFASS_API_KEY: 'lf_any' }
    expect(JSON.parse((await list(env)).stderr)).toEqual(problem)
    expect(await runCli(['channel', 'list'], { env })).toEqual({
      code: 1,
      stdout: '',
      stderr: 'It cannot be\nDo so.\n',
    })
    await refusing.close()
  })
})
