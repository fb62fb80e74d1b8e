import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { networks } from '#networks/registry.ts'
import { freePort } from '#test/support/free-port.ts'

const bin = fileURLToPath(new URL('../../bin/litfass.js', import.meta.url))

type Run = { code: number; json: Record<string, unknown>; stderr: string }
type Item = Record<string, unknown> & { id: string }

describe('a newcomer at the command line', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'litfass-journey-'))
  const picture = join(dataDir, 'picture.jpg')
  let environment: NodeJS.ProcessEnv
  let server: ChildProcess | undefined
  let origin = ''

  beforeAll(async () => {
    const port = await freePort()
    origin = `http://127.0.0.1:${port}`
    environment = { ...process.env, LITFASS_DATA_DIR: dataDir, LITFASS_PORT: String(port) }
    writeFileSync(
      picture,
      await sharp({ create: { width: 1080, height: 1080, channels: 3, background: '#c33' } })
        .jpeg()
        .toBuffer(),
    )
    server = await serve(environment, origin)
  })
  afterAll(async () => {
    await kill(server, 'SIGTERM')
    rmSync(dataDir, { recursive: true, force: true })
  })

  const litfass = (...words: string[]) => run(environment, [...words, '--json'])
  const items = async (...words: string[]) => (await litfass(...words)).json['items'] as Item[]

  it('is told to set up first', async () => {
    const { code, stderr } = await litfass('channel', 'list')
    expect(code).toBe(1)
    expect(JSON.parse(stderr)).toMatchObject({ code: 'not_initialised' })
  })

  it('is safe from a stranger who is quicker to set up', async () => {
    const answer = await fetch(`${origin}/api/v1/init`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-setup-token': 'guess' },
      body: '{}',
    })
    expect(answer.status).toBe(403)
    expect(await answer.json()).toMatchObject({ code: 'setup_token_invalid' })
  })

  it('sets up once', async () => {
    const first = await litfass('init')
    expect(first.json).toMatchObject({
      workspaceId: expect.stringMatching(/^wsp_/),
      ownerId: expect.stringMatching(/^mbr_/),
      apiKey: expect.stringMatching(/^lf_/),
    })
    const second = await litfass('init')
    expect(second.code).toBe(1)
    expect(JSON.parse(second.stderr)).toMatchObject({ code: 'already_initialised' })
  })

  it('connects a sandbox account of every network, and again without making a second one', async () => {
    for (const { definition } of networks) {
      for (const login of definition.logins) {
        const { json, code, stderr } = await litfass('connection', 'add', '--network', login.id, '--sandbox')
        expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
        expect(json).toMatchObject({ connection: { network: definition.id, sandbox: true, state: 'active' } })
      }
    }
    const before = await items('channel', 'list')
    await litfass('connection', 'add', '--network', networks[0]?.definition.logins[0]?.id ?? '', '--sandbox')
    expect((await items('channel', 'list')).map((channel) => channel.id)).toEqual(
      before.map((channel) => channel.id),
    )
  })

  it('publishes a picture to every channel, with address and cost of each', async () => {
    const channels = await items('channel', 'list')
    const choice = channels.flatMap((channel) => ['--channel', channel.id])
    const { code, json } = await litfass(
      'post',
      'create',
      '--text',
      'Fresh from the column',
      '--media',
      picture,
      '--alt',
      'A red square',
      ...choice,
      '--wait',
      '--timeout',
      '60',
    )
    const deliveries = json['deliveries'] as Item[]
    expect(deliveries.filter((delivery) => delivery['state'] !== 'published')).toEqual([])
    expect(code).toBe(0)
    expect(json['state']).toBe('published')
    for (const delivery of deliveries)
      expect(delivery).toMatchObject({
        url: expect.stringMatching(/^https?:/),
        attempts: 1,
        cost: { currency: 'USD' },
      })
    expect((await wall()).length).toBe(channels.length)
  })

  it('finds post and schedule again after a kill, and what was due meanwhile goes out once', async () => {
    const [channel] = await items('channel', 'list')
    const at = new Date(Date.now() + 2_500).toISOString()
    const scheduled = await litfass(
      'post',
      'create',
      '--text',
      'After the kill',
      '--media',
      picture,
      '--channel',
      channel?.id ?? '',
      '--at',
      at,
    )
    expect(scheduled.json['state']).toBe('scheduled')
    const before = (await wall()).length
    await kill(server, 'SIGKILL')
    await new Promise((resolve) => setTimeout(resolve, 3_000)) // It comes due while nothing runs.
    server = await serve(environment, origin)
    for (let round = 0; round < 100; round += 1) {
      const shown = await litfass('post', 'show', String(scheduled.json['id']))
      if (shown.json['state'] === 'published') break
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
    const posts = await wall()
    expect(posts.length).toBe(before + 1)
    expect(posts.filter((post) => post.text === 'After the kill').length).toBe(1)
    expect((await items('post', 'list')).length).toBe(2)
    expect((await items('metrics')).length).toBeGreaterThan(1)
  })

  it('is told what is wrong, and nothing is half saved', async () => {
    const [channel] = await items('channel', 'list')
    const id = channel?.id ?? ''
    const before = (await items('post', 'list')).length
    const cases: Array<[words: string[], code: string]> = [
      [['--text', 'x', '--channel', 'chn_unknown'], 'unknown_channel'],
      [['--text', 'x'], 'post_invalid'],
      [['--text', 'a'.repeat(90_000), '--channel', id], 'post_invalid'],
      [['--text', 'x', '--channel', id, '--at', 'soon'], 'invalid_input'],
      [['--text', 'x', '--channel', id, '--at', '2020-01-01T00:00'], 'due_in_past'],
      [['--text', 'x', '--channel', id, '--media', fileURLToPath(import.meta.url)], 'media_not_image'],
      [['--text', 'x', '--channel', id, '--media', '/does/not/exist.jpg'], 'media_unreadable'],
    ]
    for (const [words, expected] of cases) {
      const { code, stderr } = await litfass('post', 'create', ...words)
      expect({ words: words.at(-1)?.slice(0, 40), code, problem: JSON.parse(stderr) }).toMatchObject({
        code: 1,
        problem: { code: expected, remedy: expect.stringMatching(/\S/) },
      })
    }
    expect((await items('post', 'list')).length).toBe(before)
    expect((await litfass('post', 'create', '--no-such-option')).code).toBe(2)
  })

  it('moves to a new folder by backup and restore, and nothing goes out twice there', async () => {
    const [channel] = await items('channel', 'list')
    await litfass(
      'post',
      'create',
      '--text',
      'Next year',
      '--media',
      picture,
      '--channel',
      channel?.id ?? '',
      '--at',
      '2099-01-01T09:00',
    )
    const { json } = await litfass('backup')
    const moved = mkdtempSync(join(tmpdir(), 'litfass-moved-'))
    const elsewhere = { ...environment, LITFASS_DATA_DIR: moved }
    const restored = await run(elsewhere, ['restore', String(json['file']), '--json'])
    expect({ code: restored.code, held: restored.json['held'], stderr: restored.stderr }).toEqual({
      code: 0,
      held: 1,
      stderr: '',
    })
    expect((await run(elsewhere, ['restore', String(json['file']), '--json'])).code).toBe(1)
    rmSync(moved, { recursive: true, force: true })
  })

  async function wall(): Promise<Array<{ text: string }>> {
    const { json } = await litfass('key', 'create', '--name', 'Wall')
    const answer = await fetch(`${origin}/_sandbox/wall`, {
      headers: { authorization: `Bearer ${String(json['apiKey'])}` },
    })
    return ((await answer.json()) as { items: Array<{ text: string }> }).items
  }
})

function run(env: NodeJS.ProcessEnv, words: string[]): Promise<Run> {
  return new Promise((resolve) => {
    execFile(process.execPath, [bin, ...words], { env, maxBuffer: 20_000_000 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : Number(error.code)
      resolve({
        code,
        stderr,
        json: stdout.trim() === '' ? {} : (JSON.parse(stdout) as Record<string, unknown>),
      })
    })
  })
}

async function serve(env: NodeJS.ProcessEnv, origin: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, [bin, 'serve'], { env, stdio: ['ignore', 'ignore', 'pipe'] })
  let log = ''
  child.stderr.on('data', (chunk: Buffer) => {
    log += chunk.toString()
  })
  for (let round = 0; round < 200; round += 1) {
    if (child.exitCode !== null) throw new Error(`the server stopped: ${log}`)
    const answer = await fetch(`${origin}/readyz`).catch(() => null)
    if (answer?.ok) return child
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error(`the server did not become ready: ${log}`)
}

function kill(child: ChildProcess | undefined, signal: NodeJS.Signals): Promise<void> {
  if (!child || child.exitCode !== null) return Promise.resolve()
  return new Promise((resolve) => {
    child.once('exit', () => resolve())
    child.kill(signal)
  })
}
