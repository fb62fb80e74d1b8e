import { describe, expect, it } from 'vitest'
import type { Ability, Trouble } from '#domain/breaker.ts'
import type { Answer, Call } from '#networks/metered-fetch.ts'
import { watchedFetch } from './watched-fetch.ts'

const call: Call = {
  method: 'POST',
  url: 'https://network.example/post',
  endpointClass: 'post.create',
  dataClass: 'none',
  purpose: 'publish',
}
const refusal: Answer = { status: 401, headers: {}, text: '', json: undefined }

describe('a refused access', () => {
  it('is trouble of the network, save where it belongs to how the network is talked to', async () => {
    const told: Array<[Ability, Trouble]> = []
    const source = { login: 'a-login', server: 'https://network.example', connectionId: 'con_1' }
    const fetch = watchedFetch(async () => refusal, source, {
      report: async (_, ability, trouble) => void told.push([ability, trouble as Trouble]),
    })
    expect(await fetch({ ...call, isExpected: ({ status }) => status === 401 })).toBe(refusal)
    expect(told).toEqual([])
    await fetch({ ...call, isExpected: () => false })
    await fetch(call)
    expect(told).toEqual([
      ['publish', 'unauthorised'],
      ['publish', 'unauthorised'],
    ])
  })
})
