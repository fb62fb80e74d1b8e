/** Real processes that are killed, stopped or cannot start: nothing is sent twice, nothing is left behind. */
import { type ChildProcess, spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { bin, runCli } from '#test/support/cli.ts'
import { freePort } from '#test/support/free-port.ts'
import { startStallingNetwork, type StallingNetwork } from '#test/support/stalling-network.ts'

type Ended = { code: number | null; signal: NodeJS.Signals | null; stderr: string; ms: number }
type Served = { child: ChildProcess; ended: Promise<Ended> }

const cleanUps: Array<() => unknown> = []
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp()
})

async function place(more: NodeJS.ProcessEnv = {}) {
  const dataDir = mkdtempSync(join(tmpdir(), 'litfass-stopped-'))
  cleanUps.push(() => rmSync(dataDir, { recursive: true, force: true }))
  const port = await freePort()
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    LITFASS_DATA_DIR: dataDir,
    LITFASS_PORT: String(port),
    ...more,
  }
  return { dataDir, port, env, url: `http://127.0.0.1:${port}` }
}

/** A real server; killed at the end of the test where it still runs. */
function spawnServer(env: NodeJS.ProcessEnv): Served {
  const child = spawn(process.execPath, [bin, 'serve', '--no-web'], {
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const startedAt = performance.now()
  let stderr = ''
  child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  const ended = new Promise<Ended>((resolve) =>
    child.once('close', (code, signal) =>
      resolve({ code, signal, stderr, ms: performance.now() - startedAt }),
    ),
  )
  cleanUps.push(() => {
    child.kill('SIGKILL')
    return ended
  })
  return { child, ended }
}

async function serve(env: NodeJS.ProcessEnv, url: string): Promise<Served> {
  const served = spawnServer(env)
  const isUp = async (): Promise<boolean> => (await fetch(`${url}/healthz`).catch(() => null))?.ok === true
  await until('the server is up', isUp, served)
  return served
}

async function until(what: string, test: () => Promise<boolean>, served?: Served): Promise<void> {
  const isOver = AbortSignal.timeout(60_000)
  let end: Ended | undefined
  void served?.ended.then((ended) => (end = ended))
  while (!(await test())) {
    if (end) throw new Error(`it ended before ${what}: ${end.stderr}`)
    if (isOver.aborted) throw new Error(`waited for a minute until ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

/** An installation whose one account is at the stalling network, with a post that has just left. */
async function sending(network: StallingNetwork) {
  const { env, url, dataDir } = await place({
    LITFASS_X_API_URL: network.url,
    LITFASS_X_UPLOAD_URL: network.url,
    LITFASS_X_TOKEN_URL: `${network.url}/token`,
  })
  const served = await serve(env, url)
  const litfass = async (...words: string[]) => {
    const { code, stdout, stderr } = await runCli([...words, '--json'], { env })
    if (code !== 0) throw new Error(stderr)
    return JSON.parse(stdout)
  }
  await litfass('init', '--workspace', 'W', '--name', 'O', '--email', 'o@example.com', '--time-zone', 'UTC')
  const added = await litfass('connection', 'add', '--network', 'x', '--access-token', 'token')
  const left = network.nextCreate()
  const post = await litfass(
    'post',
    'create',
    '--channel',
    added.channels[0].id,
    '--text',
    'Lemonade for all',
  )
  await left
  const delivery = async () => (await litfass('post', 'show', post.id)).deliveries[0]
  return { env, url, dataDir, served, delivery }
}

describe('a process killed between sending a post and the answer', () => {
  it('has sent it once: after the restart it is found by itself, with the id it has on the network', async () => {
    const network = await startStallingNetwork()
    cleanUps.push(network.close)
    const { env, url, served, delivery } = await sending(network)
    served.child.kill('SIGKILL')
    expect((await served.ended).signal).toBe('SIGKILL')
    const again = await serve(env, url)
    await until('it is published', async () => (await delivery()).state === 'published', again)
    expect(await delivery()).toMatchObject({ state: 'published', remoteId: '901' })
    expect(network.created).toHaveLength(1)
    again.child.kill('SIGTERM')
    expect(await again.ended).toMatchObject({ code: 0 })
  }, 120_000)
})

describe('a process that is stopped', () => {
  it('does not wait for ever for an answer, and leaves nothing behind', async () => {
    const network = await startStallingNetwork()
    cleanUps.push(network.close)
    const { served, dataDir } = await sending(network)
    const stoppedAt = performance.now()
    served.child.kill('SIGTERM')
    const { code, stderr } = await served.ended
    expect(performance.now() - stoppedAt).toBeLessThan(12_000)
    expect({ code, stderr }).toMatchObject({ code: 0 })
    expect(existsSync(join(dataDir, 'database.lock', 'lock'))).toBe(false)
    expect(existsSync(join(dataDir, 'server.json'))).toBe(false)
  }, 120_000)

  it('ends at once where it is told a second time', async () => {
    const network = await startStallingNetwork()
    cleanUps.push(network.close)
    const { served } = await sending(network)
    served.child.kill('SIGTERM')
    await new Promise((resolve) => setTimeout(resolve, 1_300))
    const againAt = performance.now()
    served.child.kill('SIGTERM')
    expect((await served.ended).code).toBe(1)
    expect(performance.now() - againAt).toBeLessThan(1_000)
  }, 120_000)
})

describe('a process that cannot start', () => {
  it('says so in one line with a remedy, and lets go of the data folder', async () => {
    const { env, port, dataDir } = await place()
    const other = createServer().listen(port, '127.0.0.1')
    cleanUps.push(() => other.close())
    const { code, stderr } = await spawnServer(env).ended
    expect(code).toBe(1)
    expect(stderr).toContain(`Another program listens on 127.0.0.1:${port}`)
    expect(stderr).toContain('LITFASS_PORT')
    expect(stderr).not.toContain('    at ')
    expect(existsSync(join(dataDir, 'database.lock', 'lock'))).toBe(false)
  }, 60_000)

  it('says what is wrong with its master key', async () => {
    const { env, dataDir } = await place()
    const file = join(dataDir, 'master.key')
    writeFileSync(file, 'short')
    expect((await spawnServer(env).ended).stderr).toMatch(/master\.key does not hold 32 bytes/)
    rmSync(file)
    mkdirSync(file)
    chmodSync(file, 0o700)
    const { code, stderr } = await spawnServer(env).ended
    expect(code).toBe(1)
    expect(stderr).toMatch(/A file of Litfass cannot be used/)
    expect(stderr).not.toContain('    at ')
  }, 60_000)
})
