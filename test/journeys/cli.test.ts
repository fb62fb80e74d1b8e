/** The product from a terminal: real processes, from an empty folder to figures, a kill and a move. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { networks } from '#networks/registry.ts'
import { bin, runCli } from '#test/support/cli.ts'
import { freePort } from '#test/support/free-port.ts'

type Run = { code: number | null; json: Record<string, unknown>; stderr: string }
/** The process and what it printed. */
type Served = { child: ChildProcess; printed: Record<string, unknown> }
type Item = Record<string, unknown> & { id: string }

describe('a newcomer at the command line', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'litfass-journey-'))
  const picture = join(dataDir, 'picture.jpg')
  let environment: NodeJS.ProcessEnv
  let server: Served | undefined
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

  it('is shown the link for a set-up in the browser', () => {
    const token = readFileSync(join(dataDir, 'setup-token'), 'utf8')
    expect(server?.printed).toEqual({ url: origin, setupUrl: `${origin}/setup?token=${token}` })
  })

  it('is safe from a stranger who is quicker to set up', async () => {
    for (const [path, header, code] of [
      ['init', 'x-setup-token', 'setup_token_invalid'],
      ['operator-key', 'x-operator-token', 'not_allowed'],
    ] as const) {
      const answer = await fetch(`${origin}/api/v1/${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', [header]: 'guess' },
        body: '{}',
      })
      expect({ status: answer.status, problem: await answer.json() }).toMatchObject({
        status: 403,
        problem: { code },
      })
    }
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

  it('is not locked out where no key was kept, as after a set-up in the browser', async () => {
    const key = join(dataDir, 'api-key')
    rmSync(key)
    expect(await items('channel', 'list')).toEqual([])
    expect(statSync(key).mode & 0o777).toBe(0o600)
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

  it('gives each picture the alt text that follows it', async () => {
    const channels = await items('channel', 'list')
    const channel = channels.find(({ network }) => imagesOf(network).maxCount > 1)?.id ?? ''
    const media = ['--media', picture, '--media', picture, '--alt', 'The second']
    const draft = await litfass('post', 'create', '--draft', '--channel', channel, ...media)
    const alts = (draft.json['attachments'] as Item[]).map(({ altText }) => altText)
    expect(alts).toEqual(['', 'The second'])
    const id = String(draft.json['id'])
    expect((await litfass('post', 'edit', id, '--text', 'Both')).json).toMatchObject({
      text: 'Both',
      attachments: [{ altText: '' }, { altText: 'The second' }],
    })
    const planned = await litfass('post', 'schedule', id, '--at', '2099-01-01T09:00')
    expect(planned.json['state']).toBe('scheduled')
    expect((await litfass('post', 'cancel', id)).json['state']).toBe('cancelled')
    expect((await litfass('post', 'delete', id)).code).toBe(0)
    expect((await litfass('post', 'show', id)).code).toBe(1)
  })

  it('sees the receipt of a delivery and its figures, of which an absent one is left out', async () => {
    const [post] = await items('post', 'list')
    const [delivery] = (post?.['deliveries'] ?? []) as Item[]
    expect((await litfass('delivery', 'show', delivery?.id ?? '')).json).toMatchObject({
      delivery: { state: 'published', postId: post?.id },
      sent: { text: 'Fresh from the column', attachments: [{ altText: 'A red square' }] },
      attempts: [{ number: 1, outcome: 'published' }],
    })
    let figures: Item[] = []
    for (let round = 0; round < 100; round += 1) {
      figures = await items('metrics', '--post', post?.id ?? '')
      if (figures.some(({ metrics }) => Object.keys(metrics as object).length > 0)) break
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
    expect(figures.length).toBeGreaterThan(1)
    for (const { metrics } of figures)
      for (const value of Object.values(metrics as object)) expect(value).toBeTypeOf('number')
  })

  it('finds post and schedule again after a kill, and what was due meanwhile goes out once', async () => {
    const [channel] = await items('channel', 'list')
    const due = Date.now() + 2_500
    const at = new Date(due).toISOString()
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
    // It comes due while nothing runs.
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - Date.now()) + 100))
    server = await serve(environment, origin)
    expect(server.printed).toEqual({ url: origin })
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
    expect((await litfass('connection', 'remove', 'con_unknown', '--yes')).code).toBe(1)
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
    const posts = (await run(elsewhere, ['post', 'list', '--json'])).json['items'] as Item[]
    expect(posts.map(({ text }) => text)).toContain('Next year')
    rmSync(moved, { recursive: true, force: true })
  })

  it('works on while no server runs', async () => {
    await kill(server, 'SIGTERM')
    server = undefined
    const channels = await items('channel', 'list')
    const channel = channels.find(({ network }) => !needsImage(network))
    const words = ['--text', 'Without a server', '--channel', channel?.id ?? '', '--wait']
    expect((await litfass('post', 'create', ...words)).json['state']).toBe('published')
    const connection = String(channel?.['connectionId'])
    expect((await litfass('connection', 'remove', connection, '--yes')).code).toBe(0)
    expect((await items('channel', 'list')).map(({ id }) => id)).not.toContain(channel?.id)
  })

  async function wall(): Promise<Array<{ text: string }>> {
    const { json } = await litfass('key', 'create', '--name', 'Wall')
    const answer = await fetch(`${origin}/_sandbox/wall`, {
      headers: { authorization: `Bearer ${String(json['apiKey'])}` },
    })
    return ((await answer.json()) as { items: Array<{ text: string }> }).items
  }
})

function definitionOf(network: unknown) {
  const found = networks.find(({ definition }) => definition.id === network)
  if (!found) throw new Error(`no network ${String(network)}`)
  return found.definition
}
const imagesOf = (network: unknown) => definitionOf(network).images.value
const needsImage = (network: unknown) => definitionOf(network).needsImage

async function run(env: NodeJS.ProcessEnv, words: string[]): Promise<Run> {
  const { code, stdout, stderr } = await runCli(words, { env })
  return { code, stderr, json: stdout.trim() === '' ? {} : (JSON.parse(stdout) as Run['json']) }
}

async function serve(env: NodeJS.ProcessEnv, origin: string): Promise<Served> {
  const child = spawn(process.execPath, [bin, 'serve', '--json'], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  let log = ''
  const printed = new Promise<Record<string, unknown>>((resolve) => {
    child.stdout.once('data', (chunk: Buffer) => {
      resolve(JSON.parse(chunk.toString()) as Record<string, unknown>)
    })
  })
  child.stderr.on('data', (chunk: Buffer) => {
    log += chunk.toString()
  })
  for (let round = 0; round < 200; round += 1) {
    if (child.exitCode !== null) throw new Error(`the server stopped: ${log}`)
    const answer = await fetch(`${origin}/readyz`).catch(() => null)
    if (answer?.ok) return { child, printed: await printed }
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error(`the server did not become ready: ${log}`)
}

function kill(served: Served | undefined, signal: NodeJS.Signals): Promise<void> {
  const child = served?.child
  if (!child || child.exitCode !== null) return Promise.resolve()
  return new Promise((resolve) => {
    child.once('exit', () => resolve())
    child.kill(signal)
  })
}
