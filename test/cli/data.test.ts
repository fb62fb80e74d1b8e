/** What people read and order about data of networks, as the command line asks for it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Listener, listen, runCli } from '#test/support/cli.ts'

const at = '2026-12-01T08:30:00.000Z'
const deletion = {
  id: 'del_1',
  reason: 'request',
  network: 'somewhere',
  scope: 'connection',
  connectionId: 'con_1',
  connection: 'Lemonade',
  deliveryId: null,
  askedBy: 'mbr_1',
  note: 'Letter 17',
  receivedAt: at,
  deadlineAt: '2026-12-02T08:30:00.000Z',
  createdAt: at,
  doneAt: null,
  deleted: 0,
}
const kept = {
  items: [
    {
      network: 'somewhere',
      name: 'Somewhere',
      classes: [
        {
          dataClass: 'metric',
          keepFor: 'P1Y',
          rows: 12,
          oldestReadAt: at,
          nextDeletionAt: at,
          rules: [{ id: 'L4' }],
        },
        { dataClass: 'profile', keepFor: null, rows: 0, oldestReadAt: null, nextDeletionAt: null, rules: [] },
      ],
    },
  ],
}
const terms = {
  network: 'somewhere',
  name: 'Somewhere',
  subject: 'prices',
  version: 'v1',
  readOn: '2026-11-23',
  ageDays: 91,
  isOverdue: true,
  hasChanged: false,
  sources: ['https://somewhere.example/prices'],
  readings: [],
}
const taken = {
  readings: [],
  leftOut: [{ network: 'somewhere', dataClass: 'metric', rows: 3, rule: 'A rule.' }],
}

let listener: Listener
beforeAll(async () => {
  listener = await listen(({ method, path }) => ({
    body: path.endsWith('/terms')
      ? { items: [terms], rereadAfterDays: 90 }
      : path.endsWith('/readings')
        ? terms
        : path.endsWith('/kept')
          ? kept
          : path.endsWith('/export')
            ? taken
            : method === 'POST'
              ? deletion
              : { items: [deletion], next: null },
  }))
})
afterAll(() => listener.close())

const run = (...words: string[]) =>
  runCli(['data', ...words], { env: { LITFASS_URL: listener.url, LITFASS_API_KEY: 'lf_key' } })

describe('litfass data', () => {
  it('shows what is kept, by default only where anything is', async () => {
    const { stdout, code } = await run('kept')
    expect(code).toBe(0)
    expect(stdout).toContain('P1Y')
    expect(stdout).toContain('L4')
    expect(stdout).not.toContain('profile')
    expect((await run('kept', '--all')).stdout).toContain('no fixed time')
  })

  it('orders a deletion with the time the request came in, and says by when it must be done', async () => {
    const { stdout, code } = await run(
      'delete',
      '--connection',
      'con_1',
      '--received-at',
      at,
      '--note',
      'Letter 17',
      '--yes',
    )
    expect(code).toBe(0)
    expect(stdout).toContain('del_1')
    expect(listener.seen.at(-1)?.body).toEqual({
      reason: 'request',
      connectionId: 'con_1',
      receivedAt: at,
      note: 'Letter 17',
    })
  })

  it.each([
    ['about nothing', ['delete', '--yes']],
    ['about two things', ['delete', '--connection', 'a', '--network', 'b', '--yes']],
    ['without being sure', ['delete', '--connection', 'con_1']],
    ['at no time', ['delete', '--connection', 'con_1', '--received-at', 'yesterday', '--yes']],
  ])('orders none %s', async (_name, words) => {
    const before = listener.seen.length
    expect((await run(...words)).code).toBe(2)
    expect(listener.seen.slice(before)).toEqual([])
  })

  it('tells how old the reading of terms is, and records another', async () => {
    const { stdout } = await run('terms')
    expect(stdout).toContain('2026-11-23')
    expect(stdout).toContain('older than 90 days')
    const words = ['--prices', '--on', '2026-12-01', '--terms', 'v2', '--changed', '--note', 'dearer']
    const read = await run('read-terms', 'somewhere', ...words)
    expect(read.code).toBe(0)
    expect(read.stdout).toContain('2026-11-23')
    expect(listener.seen.at(-1)?.body).toEqual({
      network: 'somewhere',
      subject: 'prices',
      readOn: '2026-12-01',
      version: 'v2',
      hasChanged: true,
      note: 'dearer',
    })
  })

  it('prints what may leave as JSON, and says what may not', async () => {
    const { stdout, stderr } = await run('export')
    expect(JSON.parse(stdout)).toEqual(taken)
    expect(stderr).toContain('Left out: 3 of somewhere')
  })
})
