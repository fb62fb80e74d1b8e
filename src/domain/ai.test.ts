/** What may go to a model, rule by rule; and what is an address of a server. */
import { describe, expect, it } from 'vitest'
import { endpointOf, mayGoToModel, networkStanding, type Origin, reasonOf } from './ai.ts'
import type { DataRule } from './retention.ts'

const now = new Date('2026-11-24T12:00:00Z')
const rule = (dataClass: string, use?: DataRule['use'], keepFor: DataRule['keepFor'] = null): DataRule => ({
  id: 'T1',
  dataClass,
  keepFor,
  deleteOn: {},
  since: '2026-01-01',
  ...(use ? { use } : {}),
})
const read = (dataClass = 'metric', readAt = '2026-11-24T11:00:00Z'): Origin => ({
  provenance: 'read',
  network: 'somewhere',
  dataClass,
  readAt: new Date(readAt),
})
const free = rule('metric', { model: 'free' })
const forbidden = { kind: 'forbidden' } as const

describe('what goes to a model', () => {
  it.each([false, true])('is whatever people wrote here, with the switch at %s', (isAllowed) => {
    const stance = { rules: [rule('*', { model: 'forbidden' })], isAllowed }
    expect(mayGoToModel({ provenance: 'authored' }, stance, now)).toEqual({
      kind: 'allowed',
      because: 'authored',
    })
  })

  const allowed = { kind: 'allowed', because: 'setting' }
  it.each([
    ['free and switched on', [free], true, read(), allowed],
    ['free and not switched on', [free], false, read(), { kind: 'off' }],
    ['forbidden', [rule('metric', { model: 'forbidden' })], true, read(), { ...forbidden, because: 'terms' }],
    ['forbidden with all', [rule('*', { model: 'forbidden' }), free], true, read(), { because: 'terms' }],
    ['unclear', [rule('metric', { model: 'unclear' })], true, read(), { ...forbidden, because: 'unclear' }],
    ['unclear with all', [free, rule('*', { model: 'unclear' })], true, read(), { because: 'unclear' }],
    ['without a rule', [rule('metric')], true, read(), { ...forbidden, because: 'unknown' }],
    ['of a class nobody knows', [free], true, read('profile'), { ...forbidden, because: 'unknown' }],
    ['of a network nobody knows', null, true, read(), { ...forbidden, because: 'unknown' }],
    [
      'not to leave Litfass',
      [free, rule('metric', { export: { kind: 'never' } })],
      true,
      read(),
      { because: 'stays' },
    ],
    [
      'to leave Litfass in small numbers only',
      [free, rule('metric', { export: { kind: 'limited', perPersonAndDay: 500 } })],
      true,
      read(),
      { because: 'stays' },
    ],
    ['past its clock', [free, rule('metric', undefined, 'PT1H')], true, read(), { because: 'too-old' }],
    [
      'past the time it may be shown',
      [free, rule('*', { showFor: 'PT1H' })],
      true,
      read(),
      { because: 'too-old' },
    ],
    ['within its clock', [free, rule('metric', undefined, 'PT2H')], true, read(), allowed],
  ] as const)('is decided for what is %s', (_, rules, isAllowed, origin, verdict) => {
    const found = mayGoToModel(origin, { rules, isAllowed }, now)
    expect(found).toMatchObject(verdict)
    expect(reasonOf(found, 'Somewhere').message).toMatch(/\S.*\.$/)
  })

  it('names the rule that forbids it', () => {
    const rules = [free, rule('*', { model: 'forbidden' })]
    expect(mayGoToModel(read(), { rules, isAllowed: true }, now)).toMatchObject({ rule: rules[1] })
  })
})

describe('a network', () => {
  it('leaves it to the workspace where some of its data is free', () => {
    const rules = [free, rule('profile')]
    expect(networkStanding(rules, false)).toMatchObject({ kind: 'off', canBeAllowed: true, rules: [free] })
    expect(networkStanding(rules, true)).toMatchObject({ kind: 'allowed', canBeAllowed: true })
  })

  it.each([
    ['terms', [rule('metric', { model: 'unclear' }), rule('profile', { model: 'forbidden' })]],
    ['unclear', [rule('metric'), rule('*', { model: 'unclear' })]],
    ['unknown', [rule('metric')]],
    ['unknown', []],
  ])('cannot be switched on by anybody, because of %s', (because, rules) => {
    expect(networkStanding(rules, true)).toMatchObject({ kind: 'forbidden', because, canBeAllowed: false })
  })
})

describe('the address of a model’s server', () => {
  it.each([
    ['https://api.example.com', 'https://api.example.com/v1'],
    [' https://api.example.com/ ', 'https://api.example.com/v1'],
    ['https://api.example.com/v1/', 'https://api.example.com/v1'],
    ['https://api.example.com/openai/v2/chat/completions', 'https://api.example.com/openai/v2'],
    ['http://localhost:11434/v1', 'http://localhost:11434/v1'],
  ])('is read from %s', (typed, endpoint) => expect(endpointOf(typed)).toBe(endpoint))

  it.each([
    '',
    'api.example.com',
    'ftp://api.example.com',
    'file:///etc/passwd',
    'javascript:alert(1)',
    'https://user:secret@api.example.com/v1',
    'https://api.example.com/v1?key=secret',
    'https://api.example.com/v1#x',
    'http://[::1',
  ])('is not %s', (typed) => expect(endpointOf(typed)).toBeNull())
})
