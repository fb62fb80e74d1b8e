/** What people read of members, media, notices and receipts. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { InferContractRouterOutputs } from '@orpc/contract'
import type { contract } from '#contract/api.ts'
import { type Listener, listen, runCli } from '#test/support/cli.ts'

type Answers = InferContractRouterOutputs<typeof contract>

const at = '2026-12-01T08:30:00.000Z'
const members: Answers['members']['list'] = {
  items: [
    { id: 'mbr_1', name: 'Ada', email: 'ada@example.org', role: 'owner', createdAt: at, canSignIn: true },
    { id: 'mbr_2', name: 'Bo', email: 'bo@example.org', role: 'editor', createdAt: at, canSignIn: false },
  ],
}
const invitation = {
  id: 'inv_1',
  email: 'cy@example.org',
  role: 'viewer',
  createdAt: at,
  expiresAt: at,
} as const
const invited: Answers['invitations']['create'] = {
  ...invitation,
  url: 'https://here/invited',
  mailed: false,
}
const link: Answers['members']['resetPassword'] = { url: 'https://here/reset', expiresAt: at }
const media: Answers['media']['list'] = {
  items: [
    {
      id: 'med_1',
      fileName: 'cat.jpg',
      mimeType: 'image/jpeg',
      bytes: 1_234_567,
      width: 1_080,
      height: 720,
      createdAt: at,
      uses: 2,
    },
  ],
  next: null,
}
const notices: Answers['notices']['list'] = {
  items: [
    {
      id: 'ntc_1',
      kind: 'connection-ends-soon',
      severity: 'warning',
      subject: { kind: 'connection', id: 'con_1', postId: null },
      params: {},
      message: 'The connection ends on Friday',
      remedy: 'Connect it again.',
      createdAt: at,
      readAt: null,
      resolvedAt: null,
    },
  ],
  next: null,
  unread: 1,
}
const receipt: Answers['deliveries']['show'] = {
  delivery: {
    id: 'dlv_1',
    postId: 'pst_1',
    parentId: null,
    network: 'example',
    channelId: 'chn_1',
    channelName: 'A page',
    sandbox: false,
    state: 'unsure',
    remoteId: null,
    url: null,
    attempts: 2,
    reason: { code: 'lost_answer', message: 'The answer was lost' },
    holdReason: null,
    dueAt: at,
    nextAt: null,
    publishedAt: null,
    removedAt: null,
    cost: { amount: '0.015', currency: 'USD' },
    comment: null,
    isRewordable: false,
  },
  postState: 'publishing',
  sent: { text: 'Exactly this', link: null, attachments: [] },
  fingerprint: 'f00d',
  createdAt: at,
  startedAt: at,
  sentAt: at,
  attempts: [{ number: 1, startedAt: at, finishedAt: null, outcome: 'unsure', detail: 'socket hang up' }],
  charges: [{ at, endpointClass: 'post.create', purpose: 'publish', amount: '0.015', currency: 'USD' }],
}
describe('at the command line', () => {
  let server: Listener
  let mayInvite = true
  beforeAll(async () => {
    const answers: Record<string, unknown> = {
      'GET /members': members,
      'POST /members/mbr_2/password-link': link,
      'DELETE /members/mbr_2': { id: 'mbr_2' },
      'POST /invitations': invited,
      'GET /media': media,
      'GET /notices?open=true': notices,
      'GET /deliveries/dlv_1': receipt,
    }
    server = await listen(({ method, path }) => {
      const asked = `${method} ${path.replace('/api/v1', '')}`
      if (asked === 'GET /invitations')
        return mayInvite
          ? { body: { items: [invitation] } }
          : { status: 403, body: { code: 'not_allowed', title: 'No', remedy: 'Ask.' } }
      return {
        status: asked in answers ? 200 : 404,
        body: answers[asked] ?? { code: 'not_found', title: asked },
      }
    })
  })
  afterAll(() => server.close())

  async function shown(...words: string[]): Promise<string[][]> {
    const { code, stdout, stderr } = await runCli(words, {
      env: { LITFASS_URL: server.url, LITFASS_API_KEY: 'lf_any', TZ: 'Europe/Berlin' },
    })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    return stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.split(/ {2,}/))
  }

  it('members are listed with who cannot sign in yet and who is invited', async () => {
    expect((await shown('member', 'list')).slice(1)).toEqual([
      ['mbr_1', 'Ada', 'ada@example.org', 'owner', 'yes'],
      ['mbr_2', 'Bo', 'bo@example.org', 'editor', 'no password yet'],
      ['inv_1', '–', 'cy@example.org', 'viewer', 'invited until 2026-12-01 09:30 +01:00'],
    ])
    mayInvite = false
    expect((await shown('member', 'list')).length).toBe(3)
    mayInvite = true
  })

  it('a link is printed for an invitation and for a new password, found by mail address', async () => {
    expect((await shown('member', 'invite', 'cy@example.org', '--role', 'viewer')).at(-1)).toEqual([
      'https://here/invited',
    ])
    expect(server.seen.at(-1)?.body).toEqual({ email: 'cy@example.org', role: 'viewer' })
    expect((await shown('member', 'reset-password', 'Bo@Example.org')).at(-1)).toEqual(['https://here/reset'])
    expect(await shown('member', 'remove', 'bo@example.org')).toEqual([['Removed: mbr_2']])
  })

  it('media files are listed with size and uses', async () => {
    expect((await shown('media', 'list'))[1]).toEqual([
      'med_1',
      'cat.jpg',
      'image/jpeg',
      '1.2 MB',
      '1080 × 720',
      '2',
      '2026-12-01 09:30 +01:00',
    ])
  })

  it('notices come with their remedy', async () => {
    expect((await shown('notice', 'list', '--open'))[1]).toEqual([
      '2026-12-01 09:30 +01:00',
      'warning',
      'con_1',
      'The connection ends on Friday',
      'Connect it again.',
    ])
  })

  it('a receipt says what was sent, every try and every charge', async () => {
    const lines = await shown('delivery', 'show', 'dlv_1')
    expect(lines).toContainEqual(['Reason', 'The answer was lost'])
    expect(lines).toContainEqual(['Cost', '0.015 USD'])
    expect(lines).toContainEqual(['Exactly this'])
    expect(lines).toContainEqual(['1', '2026-12-01 09:30 +01:00', '–', 'unsure', 'socket hang up'])
    expect(lines).toContainEqual(['2026-12-01 09:30 +01:00', 'post.create', 'publish', '0.015 USD'])
  })
})
