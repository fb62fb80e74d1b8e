/** What the command line makes of options, and how it waits and prints. */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bin, type Listener, listen, runCli, type RunOptions, type Seen } from '#test/support/cli.ts'

const delivery = {
  id: 'dlv_1',
  postId: 'pst_1',
  network: 'example',
  channelId: 'chn_1',
  channelName: 'A page',
  state: 'waiting',
  url: null,
  attempts: 0,
  reason: null,
  holdReason: null,
  nextAt: null,
  removedAt: null,
  cost: { amount: '0.000', currency: 'USD' },
}
const post = {
  id: 'pst_1',
  state: 'scheduled',
  text: 'Hello',
  channelIds: ['chn_1'],
  variants: {},
  attachments: [{ mediaFileId: 'med_old', altText: 'Old', fileName: 'old.jpg', bytes: 1_500 }],
  at: null,
  dueAt: '2099-12-01T08:30:00.000Z',
  revision: 7,
  deliveries: [delivery],
}

describe('posts at the command line', () => {
  const folder = mkdtempSync(join(tmpdir(), 'litfass-cli-posts-'))
  let server: Listener
  let uploads = 0
  /** What the server answers about the post. */
  let stored: Record<string, unknown> = post

  beforeAll(async () => {
    for (const name of ['a.jpg', 'b.jpg']) writeFileSync(join(folder, name), name)
    server = await listen(({ method, path }) => {
      if (path === '/api/v1/media') return { status: 201, body: { id: `med_${(uploads += 1)}` } }
      if (path.startsWith('/api/v1/metrics'))
        return {
          body: {
            items: [
              { postId: 'pst_1', network: 'one', metrics: { likes: 0, views: 12 } },
              { postId: 'pst_1', network: 'two', metrics: { likes: 3 } },
            ],
          },
        }
      if (method === 'GET' && path === '/api/v1/posts')
        return { body: { items: Array.from({ length: 2_000 }, () => stored), next: 'more' } }
      return { body: stored }
    })
  })
  afterAll(async () => {
    await server.close()
    rmSync(folder, { recursive: true, force: true })
  })

  const litfass = (words: string[], options: RunOptions = {}) =>
    runCli(words, { ...options, env: { LITFASS_URL: server.url, LITFASS_API_KEY: 'lf_any', ...options.env } })
  async function sent(words: string[], options: RunOptions = {}): Promise<Seen> {
    server.seen.length = 0
    uploads = 0
    const run = await litfass([...words, '--json'], options)
    expect(run.stderr).toBe('')
    const last = server.seen.at(-1)
    if (!last) throw new Error('nothing was sent')
    return last
  }

  it('give an alt text to the image before it, also where the first image has none', async () => {
    const media = (name: string) => ['--media', join(folder, name)]
    const { body } = await sent(['post', 'create', ...media('a.jpg'), ...media('b.jpg'), '--alt', 'A bee'])
    expect(body.attachments).toEqual([
      { mediaFileId: 'med_1', altText: '' },
      { mediaFileId: 'med_2', altText: 'A bee' },
    ])
    const reversed = await sent([
      'post',
      'create',
      ...media('a.jpg'),
      '--alt',
      'An ape',
      '--media',
      'med_library',
    ])
    expect(reversed.body.attachments).toEqual([
      { mediaFileId: 'med_1', altText: 'An ape' },
      { mediaFileId: 'med_library', altText: '' },
    ])
  })

  it('take their text from standard input or a file, and one of its own for a channel', async () => {
    writeFileSync(join(folder, 'text.txt'), 'Two\nlines\n')
    const words = ['post', 'create', '--channel', 'chn_1', '--variant', 'chn_1=a=b']
    const piped = await sent([...words, '--text', '-'], { input: 'From a pipe\n' })
    expect(piped.body).toMatchObject({
      text: 'From a pipe',
      variants: { chn_1: 'a=b' },
      channelIds: ['chn_1'],
    })
    const filed = await sent([...words, '--text-file', join(folder, 'text.txt')])
    expect(filed.body.text).toBe('Two\nlines')
  })

  it('take a first comment, and one of its own or none for a channel', async () => {
    const comment = ['--first-comment', 'Links: a=b', '--first-comment-for', 'chn_1=']
    const { body } = await sent(['post', 'create', '--text', 'x', '--channel', 'chn_1', ...comment])
    expect(body).toMatchObject({ text: 'x', firstComment: 'Links: a=b', firstComments: { chn_1: '' } })
    const without = await sent(['post', 'create', '--text', 'x'])
    expect(without.body).not.toHaveProperty('firstComment')

    stored = { ...post, firstComment: 'Links', firstComments: { chn_2: 'Only here' } }
    const kept = await sent(['post', 'edit', 'pst_1', '--text', 'Better', '--first-comment-for', 'chn_1=c'])
    stored = post
    expect(kept.body).toMatchObject({
      firstComment: 'Links',
      firstComments: { chn_1: 'c', chn_2: 'Only here' },
    })
  })

  it('give a first comment that is not there another text', async () => {
    const { method, path, body } = await sent(['delivery', 'reword', 'dlv_2', '--text', '-'], {
      input: 'More: https://lemonade.example\n',
    })
    expect([method, path]).toEqual(['POST', '/api/v1/deliveries/dlv_2/reword'])
    expect(body).toEqual({ text: 'More: https://lemonade.example' })
  })

  it('are changed on the revision that was read, and keep what was not named', async () => {
    const { method, path, body } = await sent(['post', 'edit', 'pst_1', '--text', 'Better'])
    expect([method, path]).toEqual(['PUT', '/api/v1/posts/pst_1'])
    expect(body).toMatchObject({
      revision: 7,
      text: 'Better',
      channelIds: ['chn_1'],
      attachments: [{ mediaFileId: 'med_old', altText: 'Old' }],
      at: '2099-12-01T08:30:00.000Z',
    })
    const moved = await sent(['post', 'schedule', 'pst_1', '--at', '2099-01-01T09:00'])
    expect(moved.body).toEqual({ revision: 7, at: '2099-01-01T09:00' })
  })

  it('are waited for until the timeout, which is a failure', async () => {
    const { code, stdout, stderr } = await litfass([
      'post',
      'create',
      '--text',
      'x',
      '--wait',
      '--timeout',
      '0.3',
    ])
    expect(code).toBe(1)
    expect(stdout).toContain('waiting')
    expect(stderr).toContain('Not settled after 0.3 s. The post goes on: litfass post show pst_1')
  })

  it('fail where one of the deliveries was refused, and say why', async () => {
    const reason = { code: 'rejected', message: 'The network does not like it' }
    stored = { ...post, state: 'partly-published', deliveries: [{ ...delivery, state: 'refused', reason }] }
    const { code, stdout } = await litfass(['post', 'create', '--text', 'x', '--wait'])
    stored = post
    expect(code).toBe(1)
    expect(stdout).toContain('dlv_1 refused: The network does not like it.')
  })

  it('go on when somebody stops waiting', async () => {
    const { code, stderr } = await litfass(['post', 'create', '--text', 'x', '--wait'], {
      meanwhile: (child) => {
        const isWaiting = setInterval(() => {
          const looks = server.seen.filter(({ path }) => path === '/api/v1/posts/pst_1').length
          if (looks < 2) return
          clearInterval(isWaiting)
          child.kill('SIGINT')
        }, 20)
        server.seen.length = 0
      },
    })
    expect(code).toBe(130)
    expect(stderr).toBe('The post goes on: litfass post show pst_1\n')
  })

  it('end in silence where the reader has seen enough', async () => {
    const env = { ...process.env, LITFASS_URL: server.url, LITFASS_API_KEY: 'lf_any' }
    const command = `("${process.execPath}" "${bin}" post list; echo "$?" >&2) | head -n 1`
    const { stdout, stderr } = await new Promise<{ stdout: string; stderr: string }>((resolve) => {
      execFile('sh', ['-c', command], { env }, (_error, stdout, stderr) => resolve({ stdout, stderr }))
    })
    expect(stderr).toBe('0\n')
    expect(stdout).toMatch(/^Id +State .*\n$/)
  })

  it('are printed in columns without colours where no terminal is, and with them where they are forced', async () => {
    stored = { ...post, text: 'One\n\u001B[31mtwo' }
    const plain = await litfass(['post', 'list'])
    const coloured = await litfass(['post', 'list'], { env: { FORCE_COLOR: '1' } })
    stored = post
    expect(plain.stdout).not.toContain('\u001B')
    expect(plain.stdout).toContain('One two')
    expect(plain.stdout).toContain('There is more: add --cursor more')
    expect(coloured.stdout).toContain('\u001B[1mId')
    expect(coloured.stdout).not.toContain('\u001B[31m')
  })

  it('show a figure that was not given as a dash, and a zero as a zero', async () => {
    const { stdout } = await litfass(['metrics'])
    const [head, one, two] = stdout.split('\n').map((line) => line.split(/ {2,}/))
    expect(head).toEqual(['Post', 'Network', 'likes', 'views', 'Read'])
    expect(one).toEqual(['pst_1', 'one', '0', '12', '–'])
    expect(two).toEqual(['pst_1', 'two', '3', '–', '–'])
  })
})
