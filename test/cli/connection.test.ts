/** Connections at the command line: tokens from a pipe, and a disconnect that says what it touches. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Listener, listen, runCli } from '#test/support/cli.ts'

describe('a connection at the command line', () => {
  let server: Listener
  beforeAll(async () => {
    server = await listen(({ method, path }) => {
      if (path.endsWith('/impact'))
        return {
          body: {
            connectionId: 'con_1',
            channels: [{ id: 'chn_1', name: 'A page' }],
            deliveries: [{ id: 'dlv_1', text: 'Next week', dueAt: '2099-01-01T08:00:00.000Z' }],
            deliveryCount: 1,
          },
        }
      if (method === 'DELETE') return { body: { connectionId: 'con_1', channels: 1, heldDeliveries: 1 } }
      return { status: 201, body: { connection: { id: 'con_1', name: 'Me' }, channels: [] } }
    })
  })
  afterAll(() => server.close())

  const litfass = (words: string[], input?: string) => {
    server.seen.length = 0
    return runCli(words, {
      env: { LITFASS_URL: server.url, LITFASS_API_KEY: 'lf_any' },
      ...(input === undefined ? {} : { input }),
    })
  }

  it('takes its token from standard input, so that no process list shows it', async () => {
    const words = ['connection', 'add', '--network', 'a-login', '--access-token', '-', '--refresh-token', 'r']
    const { code } = await litfass([...words, '--expires-at', '2099-01-01T00:00:00+01:00'], 'secret\n')
    expect(code).toBe(0)
    expect(server.seen[0]?.body).toEqual({
      login: 'a-login',
      sandbox: false,
      grant: { accessToken: 'secret', refreshToken: 'r', expiresAt: '2098-12-31T23:00:00.000Z' },
    })
    expect((await litfass(words)).code).toBe(2)
  })

  it('is made by the fields of a login with a form, with the secret from standard input', async () => {
    const words = ['connection', 'add', '--network', 'a-login', '--field', 'handle=me=you']
    const { code } = await litfass([...words, '--field', 'password=-'], 'secret\n')
    expect(code).toBe(0)
    expect(server.seen).toMatchObject([
      {
        path: '/api/v1/connections/sign-in',
        body: { login: 'a-login', sandbox: false, fields: { handle: 'me=you', password: 'secret' } },
      },
    ])
    expect((await litfass([...words, '--field', 'password'])).code).toBe(2)
    expect((await litfass([...words, '--access-token', 't'])).code).toBe(2)
    const both = await litfass([...words, '--field', 'a=-', '--field', 'b=-'], 'secret\n')
    expect(both.stderr).toContain('Only one field')
  })

  it('is not removed unasked: without a terminal --yes is needed', async () => {
    const { code, stderr } = await litfass(['connection', 'remove', 'con_1'])
    expect(code).toBe(2)
    expect(stderr).toContain('A page')
    expect(stderr).toContain('Next week')
    expect(stderr).toContain('--yes')
    expect(server.seen.map(({ method }) => method)).toEqual(['GET'])
  })

  it('is removed with --yes', async () => {
    const { code, stdout } = await litfass(['connection', 'remove', 'con_1', '--yes', '--json'])
    expect({ code, stdout: JSON.parse(stdout) }).toEqual({
      code: 0,
      stdout: { connectionId: 'con_1', channels: 1, heldDeliveries: 1 },
    })
    expect(server.seen.map(({ method, path }) => [method, path])).toEqual([
      ['DELETE', '/api/v1/connections/con_1'],
    ])
  })
})
