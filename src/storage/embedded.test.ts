import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { afterAll, describe, expect, it } from 'vitest'
import { startEmbedded } from './embedded.ts'
import { lockFolder } from './folder-lock.ts'

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

  it('names the process that holds it', () => {
    const unlock = lockFolder(lock('held'))
    expect(() => lockFolder(lock('held'))).toThrow(
      expect.objectContaining({
        code: 'database_locked',
        message: expect.stringContaining(String(process.pid)),
      }),
    )
    unlock()
    lockFolder(lock('held'))()
  })

  it('is taken over from a process that died, also when its number is used again', () => {
    const dead = spawnSync(process.execPath, ['-e', '']).pid
    for (const holder of [
      { pid: dead, startedAt: '1' },
      { pid: process.pid, startedAt: '1' },
    ]) {
      lockFolder(lock('stale'))()
      writeFileSync(join(lock('stale'), 'lock'), JSON.stringify(holder))
      lockFolder(lock('stale'))()
    }
  })
})
