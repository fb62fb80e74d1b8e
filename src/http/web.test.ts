/** Serving the web app, also while it is being built or could not be. The build itself is played by small scripts. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type FastifyInstance, default as Fastify } from 'fastify'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { web } from './web.ts'

const page = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }

let folder: string
let dist: string
let app: FastifyInstance
let events: Record<string, unknown>[]
let onEvent: () => void

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'litfass-web-'))
  dist = join(folder, 'dist')
  events = []
  onEvent = () => {}
})
afterEach(async () => {
  await app.close()
  rmSync(folder, { recursive: true, force: true })
})

/** A server whose build is this script; it finds the folder to make in `target`. */
async function serve(script: string, isPrepared = false): Promise<void> {
  const file = join(folder, 'build.mjs')
  writeFileSync(file, `const target = ${JSON.stringify(join(dist, 'now'))}\n${script}`)
  app = Fastify({ logger: false })
  app.get('/api/v1/me', async () => ({ ok: true }))
  await web(app, {
    isPrepared,
    dist,
    script: file,
    hash: () => 'now',
    log: (event) => {
      events.push(event)
      onEvent()
    },
  })
}

const works = `
  import { mkdirSync, writeFileSync } from 'node:fs'
  mkdirSync(target, { recursive: true })
  writeFileSync(target + '/index.html', '<title>Built</title>')`

function put(build: string, files: Record<string, string>): void {
  mkdirSync(join(dist, build, 'assets'), { recursive: true })
  for (const [name, text] of Object.entries(files)) writeFileSync(join(dist, build, name), text)
}

function nextEvent(): Promise<void> {
  return new Promise((resolve) => {
    onEvent = resolve
  })
}

describe('the web app', () => {
  it('answers every address that is not something else’s with its page', async () => {
    await serve(works)
    put('now', { 'index.html': '<title>Built</title>' })
    for (const url of ['/', '/posts/pst_1', '/settings/members?x=1']) {
      const answer = await app.inject({ url, headers: page })
      expect([answer.statusCode, answer.body, answer.headers['cache-control']]).toEqual([
        200,
        '<title>Built</title>',
        'no-cache',
      ])
    }
    expect((await app.inject({ url: '/api/v1/me', headers: page })).json()).toEqual({ ok: true })
  })

  it('leaves to machines what is theirs', async () => {
    await serve(works)
    put('now', { 'index.html': '<title>Built</title>' })
    for (const url of ['/api/v1/nothing', '/media/nothing', '/_sandbox/nothing', '/assets/nothing.js'])
      expect((await app.inject({ url, headers: page })).statusCode).toBe(404)
    expect((await app.inject({ url: '/posts', headers: { accept: 'application/json' } })).statusCode).toBe(
      404,
    )
  })

  it('lets files with a hash be kept for ever, compressed where the browser can read that', async () => {
    await serve(works)
    put('now', { 'index.html': '', 'assets/a-1.js': 'plain', 'assets/a-1.js.br': 'pressed' })
    const plain = await app.inject({ url: '/assets/a-1.js' })
    expect([plain.body, plain.headers['cache-control']]).toEqual([
      'plain',
      'public, max-age=31536000, immutable',
    ])
    const pressed = await app.inject({ url: '/assets/a-1.js', headers: { 'accept-encoding': 'br' } })
    expect([pressed.body, pressed.headers['content-encoding']]).toEqual(['pressed', 'br'])
  })

  it('still has the files of the build before for pages that are open', async () => {
    await serve(works)
    put('now', { 'index.html': '' })
    put('before', { 'index.html': '', 'assets/old-1.js': 'old' })
    expect((await app.inject({ url: '/assets/old-1.js' })).body).toBe('old')
  })

  it('shows that it is being prepared, in the person’s language, and is there afterwards', async () => {
    await serve(works)
    const built = nextEvent()
    const waiting = await app.inject({ url: '/', headers: { ...page, 'accept-language': 'de-DE,de;q=0.9' } })
    expect([waiting.statusCode, waiting.headers['retry-after']]).toEqual([503, '2'])
    expect(waiting.body).toContain('Litfass wird vorbereitet')
    await built
    expect(events.map(({ event }) => event)).toEqual(['web-built'])
    expect((await app.inject({ url: '/', headers: page })).body).toBe('<title>Built</title>')
  })

  it('is built at the start where that is asked for, before anybody looks', async () => {
    const built = nextEvent()
    await serve(works, true)
    await built
    expect((await app.inject({ url: '/', headers: page })).statusCode).toBe(200)
  })

  it('says that it could not be built, logs why, and is there once somebody built it', async () => {
    await serve(`console.error('No space left'); process.exit(3)`)
    const failed = nextEvent()
    await app.inject({ url: '/', headers: page })
    await failed
    expect(events).toMatchObject([
      { level: 'error', event: 'web-build-failed', error: 'ended with 3', output: 'No space left\n' },
    ])
    const answer = await app.inject({ url: '/', headers: page })
    expect(answer.statusCode).toBe(500)
    expect(answer.body).toContain('npm run build:web')
    put('now', { 'index.html': '<title>Built</title>' })
    expect((await app.inject({ url: '/', headers: page })).body).toBe('<title>Built</title>')
  })

  it('lets no path out of its folder', async () => {
    await serve(works)
    put('now', { 'index.html': '' })
    writeFileSync(join(dist, 'secret.js'), 'secret')
    for (const url of ['/assets/..%2f..%2fsecret.js', '/assets/%2e%2e/secret.js', '/..%2fsecret.js'])
      expect((await app.inject({ url })).body).not.toBe('secret')
    expect((await app.inject({ url: '/assets/..%2f..%2fsecret.js' })).statusCode).toBe(404)
  })
})
