/** What networks tell of how much is used, read from answers as they come. */
import { describe, expect, it } from 'vitest'
import type { Network } from './contract.ts'
import type { Call } from './metered-fetch.ts'
import { networks } from './registry.ts'

const now = new Date('2026-11-24T12:00:00Z')
const call: Call = {
  method: 'GET',
  url: 'https://network.example/v25.0/178414/content_publishing_limit?fields=config',
  endpointClass: 'timeline.read',
  dataClass: 'none',
  purpose: 'measure',
}

function tell(id: string, headers: Record<string, string>, more: Partial<Call> = {}, json: unknown = null) {
  const network = networks.find(({ definition }) => definition.id === id)
  return network?.told?.({ ...call, ...more }, { status: 200, headers, text: '', json }, now)
}

describe('counters of networks', () => {
  it.each(networks.map((network): [string, Network] => [network.definition.name, network]))(
    'of %s have names of their own, a source, and a way they are told',
    (_name, { definition, told, usage }) => {
      const { value, source, readOn } = definition.counters
      expect(new Set(value.map(({ name }) => name)).size).toBe(value.length)
      expect(source).toMatch(/^https:/)
      expect(readOn).toMatch(/^\d{4}-\d{2}-\d{2}$/)
      expect(told !== undefined).toBe(value.length > 0)
      expect(usage !== undefined).toBe(value.some(({ isWithAnswers }) => !isWithAnswers))
    },
  )

  it('are read from the windows of X, each with its endpoint and its end', () => {
    const told = tell('x', {
      'x-rate-limit-limit': '900',
      'x-rate-limit-remaining': '888',
      'x-rate-limit-reset': String(now.getTime() / 1_000 + 300),
      'x-app-limit-24hour-limit': '10000',
      'x-app-limit-24hour-remaining': '0',
      'x-app-limit-24hour-reset': String(now.getTime() / 1_000 + 7_200),
    })
    expect(told).toEqual([
      {
        counter: 'window',
        endpointClass: 'timeline.read',
        used: 12,
        limit: 900,
        resetsAt: new Date('2026-11-24T12:05:00Z'),
      },
      {
        counter: 'app-day',
        endpointClass: 'timeline.read',
        used: 10_000,
        limit: 10_000,
        resetsAt: new Date('2026-11-24T14:00:00Z'),
      },
    ])
    // As on some answers that say no credits are left.
    expect(tell('x', { 'x-rate-limit-limit': '40000' })).toEqual([])
  })

  it('are read from X’s usage, whether its numbers are numbers or strings', () => {
    const day = (date: string, usage: unknown) => ({ date: `${date}T00:00:00.000Z`, usage })
    const usage = [
      day('2026-10-31', 100),
      day('2026-11-01', '7'),
      day('2026-11-24', 5),
      day('2026-11-23', null),
    ]
    for (const cap of ['3000000', 3_000_000]) {
      const json = { data: { project_cap: cap, project_usage: '43', daily_project_usage: { usage } } }
      expect(tell('x', {}, { endpointClass: 'usage.read' }, json)).toEqual([
        { counter: 'posts-month', used: 12, limit: null },
        { counter: 'posts-cycle', used: 43, limit: 3_000_000 },
      ])
    }
    // Another answer that looks like it is none.
    expect(tell('x', {}, {}, { data: { project_usage: '43' } })).toEqual([])
  })

  it.each(['facebook', 'instagram', 'threads'])('are read from the headers of %s, in percent', (id) => {
    const told = tell(id, {
      'x-app-usage': '{"call_count":28,"total_time":25,"total_cputime":31}',
      'x-business-use-case-usage': JSON.stringify({
        178_414: [
          {
            type: 'pages',
            call_count: 100,
            total_cputime: 20,
            total_time: 20,
            estimated_time_to_regain_access: 19,
          },
        ],
      }),
    })
    expect(told).toEqual([
      { counter: 'app-calls', used: 28, limit: 100 },
      { counter: 'app-time', used: 31, limit: 100 },
      {
        counter: 'channel-calls',
        subject: '178414',
        used: 100,
        limit: 100,
        resetsAt: new Date('2026-11-24T12:19:00Z'),
      },
      {
        counter: 'channel-time',
        subject: '178414',
        used: 20,
        limit: 100,
        resetsAt: new Date('2026-11-24T12:19:00Z'),
      },
    ])
    for (const broken of ['', '{', '[]', '{"call_count":"many"}', '{"178414":7}'])
      expect(tell(id, { 'x-app-usage': broken, 'x-business-use-case-usage': broken })).toEqual([])
  })

  it('are read from the day’s number of posts of a profile', () => {
    const json = { data: [{ quota_usage: 3, config: { quota_total: 100, quota_duration: 86_400 } }] }
    expect(tell('instagram', {}, {}, json)).toEqual([
      { counter: 'posts-day', subject: '178414', used: 3, limit: 100 },
    ])
  })

  it('are read from other headers by the window they are of', () => {
    const reset = new Date('2026-11-24T12:05:00Z')
    expect(
      tell('mastodon', {
        'x-ratelimit-limit': '300',
        'x-ratelimit-remaining': '299',
        'x-ratelimit-reset': reset.toISOString(),
      }),
    ).toEqual([{ counter: 'window', used: 1, limit: 300, resetsAt: reset }])
    // A call without a token counts for the address it comes from, which others may share.
    const ofAddress = {
      'x-ratelimit-limit': '7500',
      'x-ratelimit-remaining': '10',
      'x-ratelimit-reset': reset.toISOString(),
    }
    expect(tell('mastodon', ofAddress, { endpointClass: 'instance.read' })).toEqual([])
    const headers = {
      'ratelimit-limit': '5000',
      'ratelimit-remaining': '4997',
      'ratelimit-reset': String(reset.getTime() / 1_000),
    }
    expect(tell('bluesky', { ...headers, 'ratelimit-policy': '5000;w=3600' })).toEqual([
      { counter: 'points-hour', used: 3, limit: 5_000, resetsAt: reset },
    ])
    expect(tell('bluesky', { ...headers, 'ratelimit-policy': '30;w=7' })).toEqual([])
  })

  it('are not needed where the refusal itself says whose calls are used up, and until when', () => {
    const refusal = (id: string, status: number, json: unknown) =>
      networks
        .find(({ definition }) => definition.id === id)
        ?.refusal?.({ status, headers: {}, text: '', json }, now)
    const graph = (code: number, more: object = {}) => ({ error: { code, message: 'No', ...more } })
    const inMinutes = (minutes: number) => new Date(now.getTime() + minutes * 60_000)
    for (const id of ['facebook', 'instagram', 'threads']) {
      expect(refusal(id, 400, graph(4))).toEqual({ of: 'app', until: inMinutes(15) })
      expect(refusal(id, 400, graph(17))).toEqual({ of: 'connection', until: inMinutes(15) })
      // Of a post that may be live, which is to be looked for at once.
      expect(refusal(id, 400, graph(4, { error_subcode: 2_207_051 }))).toBeNull()
      expect(refusal(id, 400, graph(190))).toBeNull()
    }
    const day = { message: 'Resource level throttle MEMBER DAY limit for calls to posts is reached.' }
    expect(refusal('linkedin', 429, day)).toEqual({
      of: 'endpoint-class',
      until: new Date('2026-11-25T00:00:00Z'),
    })
    expect(refusal('linkedin', 422, day)).toBeNull()
  })
})
