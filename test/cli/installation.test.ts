/** Commands about the installation itself: doctor, config, the sandbox alone. */
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { networks } from '#networks/registry.ts'
import { runCli } from '#test/support/cli.ts'
import { freePort } from '#test/support/free-port.ts'

const folder = mkdtempSync(join(tmpdir(), 'litfass-cli-installation-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

type Finding = { name: string; state: string; message: string; remedy?: string }

describe('the doctor', () => {
  async function examine(env: NodeJS.ProcessEnv): Promise<{ code: number | null; findings: Finding[] }> {
    const { code, stdout } = await runCli(['doctor', '--json'], { env })
    return { code, findings: (JSON.parse(stdout) as { items: Finding[] }).items }
  }
  const failures = (findings: Finding[]) =>
    findings.filter(({ state }) => state === 'fail').map(({ name }) => name)

  it('finds a fresh machine fit, and leaves nothing behind', async () => {
    const dataDir = join(folder, 'fresh')
    const { code, findings } = await examine({
      LITFASS_DATA_DIR: dataDir,
      LITFASS_PORT: String(await freePort()),
    })
    expect({ code, failures: failures(findings) }).toEqual({ code: 0, failures: [] })
    expect(findings.find(({ name }) => name === 'database')?.message).toContain('reaches the disk')
    expect(existsSync(dataDir)).toBe(false)
  })

  it('fails on a master key that others can read and on a taken port, each with a remedy', async () => {
    const dataDir = mkdtempSync(join(folder, 'bad-'))
    const key = join(dataDir, 'master.key')
    writeFileSync(key, Buffer.alloc(32).toString('base64'))
    chmodSync(key, 0o644)
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    const { port } = other.address() as { port: number }
    const { code, findings } = await examine({ LITFASS_DATA_DIR: dataDir, LITFASS_PORT: String(port) })
    other.close()
    expect({ code, failures: failures(findings) }).toEqual({ code: 1, failures: ['master-key', 'server'] })
    for (const finding of findings.filter(({ state }) => state !== 'ok')) expect(finding.remedy).toMatch(/\S/)
    expect(readdirSync(dataDir)).toEqual(['master.key'])
  })

  it('names a setting that cannot be read, and a database that does not answer', async () => {
    const wrong = await examine({ LITFASS_DATA_DIR: folder, LITFASS_PORT: 'many' })
    expect(wrong.code).toBe(1)
    expect(wrong.findings.find(({ name }) => name === 'settings')?.message).toContain('LITFASS_PORT')
    const away = await examine({
      LITFASS_DATA_DIR: folder,
      LITFASS_PORT: String(await freePort()),
      LITFASS_DATABASE_URL: `postgres://nobody:secret@127.0.0.1:${await freePort()}/none`,
    })
    expect({ code: away.code, failures: failures(away.findings) }).toEqual({
      code: 1,
      failures: ['database'],
    })
  })
})

describe('the list of settings', () => {
  it('has every setting with its unit, and masks what is secret', async () => {
    const settings = networks[0]?.definition.logins[0]?.settings ?? ''
    const { code, stdout } = await runCli(['config', '--json'], {
      env: {
        LITFASS_PORT: '4000',
        LITFASS_API_KEY: 'lf_secret',
        LITFASS_DATABASE_URL: 'postgres://user:secret@host/db',
        [`LITFASS_${settings}_CLIENT_ID`]: 'app-1',
        [`LITFASS_${settings}_CLIENT_SECRET`]: 'secret',
      },
    })
    type Item = { name: string; unit: string; default: string; value: string | null; meaning: string }
    const { items } = JSON.parse(stdout) as { items: Item[] }
    const valueOf = (name: string) => items.find((item) => item.name === `LITFASS_${name}`)?.value
    expect(code).toBe(0)
    expect(stdout).not.toContain('secret@')
    expect(stdout).not.toContain('lf_secret')
    expect(valueOf('PORT')).toBe('4000')
    expect(valueOf('HOST')).toBe(null)
    expect(valueOf('DATABASE_URL')).toBe('postgres://user:••••@host/db')
    expect(valueOf(`${settings}_CLIENT_ID`)).toBe('app-1')
    expect(valueOf(`${settings}_CLIENT_SECRET`)).toBe('••••')
    for (const { definition } of networks)
      for (const login of definition.logins) expect(valueOf(`${login.settings}_API_URL`)).toBe(null)
    expect(new Set(items.map((item) => item.name)).size).toBe(items.length)
    for (const item of items)
      expect(item).toMatchObject({ unit: expect.stringMatching(/\S/), meaning: expect.stringMatching(/\S/) })
  })
})

describe('the sandbox alone', () => {
  it('says that its port is taken', async () => {
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    const { port } = other.address() as { port: number }
    const { code, stderr } = await runCli(['sandbox', '--port', String(port)])
    other.close()
    expect(code).toBe(1)
    expect(stderr).toMatch(/address already in use.*\nStop what uses this port/)
  })

  it('answers until it is stopped', async () => {
    const port = await freePort()
    let wall: Response | null = null
    const { code, stdout } = await runCli(['sandbox', '--port', String(port), '--json'], {
      meanwhile: (child) => {
        child.stdout?.once('data', () => {
          void fetch(`http://127.0.0.1:${port}/_sandbox/wall`)
            .then((answer) => {
              wall = answer
            })
            .finally(() => child.kill('SIGTERM'))
        })
      },
    })
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toEqual({ url: `http://127.0.0.1:${port}` })
    expect(wall).toMatchObject({ status: 200 })
  })
})
