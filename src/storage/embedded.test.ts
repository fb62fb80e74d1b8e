import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { afterAll, describe, expect, it } from 'vitest'
import { startEmbedded } from './embedded.ts'
import { lockFolder } from './folder-lock.ts'
import { removeStaleSocketFolders } from './socket-folder.ts'

const folder = mkdtempSync(join(tmpdir(), 'litfass-embedded-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('the embedded database', () => {
  it('is cleaned up between transactions, never inside one', async () => {
    const failures: string[] = []
    const embedded = await startEmbedded(join(folder, 'database'), {
      maintenanceMs: 20,
      onMaintenanceFailed: (message) => failures.push(message),
    })
    const client = new pg.Client({ host: embedded.socketFolder, user: 'postgres', database: 'postgres' })
    await client.connect()
    await client.query('create table kept (n integer)')
    for (let n = 0; n < 5; n += 1) {
      await client.query('begin')
      await client.query('insert into kept values ($1)', [n])
      await new Promise((resolve) => setTimeout(resolve, 50))
      await client.query('insert into kept values ($1)', [n])
      await client.query('commit')
    }
    await new Promise((resolve) => setTimeout(resolve, 200))
    const { rows } = await client.query(
      `select (select count(*)::int from kept) as kept, vacuum_count > 0 as "isVacuumed"
        from pg_stat_user_tables where relname = 'kept'`,
    )
    await client.end()
    await embedded.close()
    expect(failures).toEqual([])
    expect(rows).toEqual([{ kept: 10, isVacuumed: true }])
  })

  it('calls fsync for every commit, as the kernel sees it', async (context) => {
    if (spawnSync('strace', ['-V']).status !== 0) context.skip('strace is not installed')
    const script = fileURLToPath(new URL('./fixtures/commit-until-killed.ts', import.meta.url))
    const trace = join(folder, 'trace')
    const acknowledged = traceCommits(script, trace)
    const lines = readFileSync(trace, 'utf8').split('\n')
    const calls = lines.filter((line) => /\bf(data)?sync\(/.test(line)).length
    expect(acknowledged).toBeGreaterThan(10)
    expect(calls).toBeGreaterThanOrEqual(acknowledged)
  })
})

/** Commits under strace until 60 rows are acknowledged and nobody listens any more. */
function traceCommits(script: string, trace: string): number {
  const args = ['-f', '--seccomp-bpf', '-e', 'trace=fsync,fdatasync', '-o', trace, process.execPath, script]
  const { stdout } = spawnSync(
    'sh',
    ['-c', 'strace "$@" | head -n 60', 'sh', ...args, join(folder, 'traced')],
    { encoding: 'utf8' },
  )
  return stdout.split('\n').length - 1
}

describe('the lock of a data folder', () => {
  const lock = (name: string) => join(folder, name)
  const quick = { beatMs: 20, staleMs: 200 }
  const file = (name: string) => join(lock(name), 'lock')
  /** Leaves a lock as somebody else would have written it. */
  const leave = async (name: string, holder: object) => {
    ;(await lockFolder(lock(name)))()
    writeFileSync(file(name), JSON.stringify(holder))
  }

  it('names the process that holds it', async () => {
    const unlock = await lockFolder(lock('held'))
    await expect(lockFolder(lock('held'))).rejects.toMatchObject({
      code: 'database_locked',
      message: expect.stringContaining(String(process.pid)),
    })
    unlock()
    ;(await lockFolder(lock('held')))()
  })

  it('is taken over from a process that died, also when its number is used again', async () => {
    const dead = spawnSync(process.execPath, ['-e', '']).pid
    for (const holder of [
      { pid: dead, startedAt: '1' },
      { pid: process.pid, startedAt: '1' },
    ]) {
      await leave('stale', holder)
      ;(await lockFolder(lock('stale')))()
    }
  })

  it('is respected where its holder lives in another container, whatever its process number says', async () => {
    await leave('elsewhere', { id: 'a', pid: 1, startedAt: '1', host: 'box-2', place: 'box-2 boot ns' })
    const beating = setInterval(() => utimesSync(file('elsewhere'), new Date(), new Date()), 20)
    await expect(lockFolder(lock('elsewhere'), quick)).rejects.toMatchObject({
      code: 'database_locked',
      message: expect.stringContaining('box-2'),
    })
    clearInterval(beating)
    const startedAt = performance.now()
    ;(await lockFolder(lock('elsewhere'), quick))()
    expect(performance.now() - startedAt).toBeGreaterThan(150)
  })

  it('tells a holder that lost it, and is not removed by that one', async () => {
    let isLost = false
    const unlock = await lockFolder(lock('lost'), { ...quick, onLost: () => (isLost = true) })
    writeFileSync(file('lost'), JSON.stringify({ id: 'b', pid: 1, startedAt: '1', host: 'h', place: 'p' }))
    await new Promise((resolve) => setTimeout(resolve, 100))
    unlock()
    expect(isLost).toBe(true)
    expect(readFileSync(file('lost'), 'utf8')).toContain('"b"')
  })
})

describe('the folder of a socket', () => {
  it('is removed by the next start when its process was killed, and only then', async () => {
    const base = mkdtempSync(join(folder, 'sockets-'))
    const place = (name: string) => {
      mkdirSync(join(base, name))
      return join(base, name, '.s.PGSQL.5432')
    }
    const living = createServer().listen(place('litfass-socket-living'))
    // A socket that a killed process left: listened to once, by nobody now.
    spawnSync(process.execPath, [
      '-e',
      `require('net').createServer().listen(${JSON.stringify(place('litfass-socket-dead'))}, () => process.kill(process.pid, 'SIGKILL'))`,
    ])
    place('litfass-socket-starting')
    place('of-another-program')
    expect(await removeStaleSocketFolders(base)).toBe(1)
    living.close()
    expect(readdirSync(base).sort()).toEqual([
      'litfass-socket-living',
      'litfass-socket-starting',
      'of-another-program',
    ])
  })
})
