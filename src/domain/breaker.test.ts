import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  commonTrouble,
  forgottenAfterMs,
  memoryMs,
  nextProbeAt,
  type Observation,
  openingRules,
  outageSubject,
  type Trouble,
} from './breaker.ts'

const now = new Date('2026-11-24T14:02:00Z')
const ago = (ms: number) => new Date(now.getTime() - ms)

const troubles: Trouble[] = ['down', 'unauthorised']
const trouble = fc.constantFrom(...troubles)
const age = fc.integer({ min: 0, max: 2 * memoryMs })
/** The last observation of each of some connections. */
const crowd = fc.uniqueArray(
  fc.record({
    connectionId: fc.integer({ min: 0, max: 40 }).map((number) => `con_${number}`),
    verdict: fc.constantFrom('works' as const, ...troubles),
    at: age.map(ago),
  }),
  { selector: (one) => one.connectionId, maxLength: 30 },
)
const all = (count: number, verdict: Observation['verdict'], at = now): Observation[] =>
  Array.from({ length: count }, (_, index) => ({ connectionId: `con_${verdict}_${index}`, verdict, at }))

describe('trouble with a network', () => {
  it.each([
    ['down', 2],
    ['unauthorised', 3],
  ] as const)('is an outage once %s is seen on %i accounts and none works', (verdict, count) => {
    expect(commonTrouble(all(count - 1, verdict), now)).toBeNull()
    expect(commonTrouble(all(count, verdict), now)).toBe(verdict)
  })

  it('is each account’s own where others work', () => {
    expect(commonTrouble([...all(3, 'unauthorised'), ...all(2, 'works')], now)).toBeNull()
    expect(commonTrouble([...all(30, 'down'), ...all(70, 'works')], now)).toBeNull()
    expect(commonTrouble([...all(30, 'down'), ...all(10, 'works')], now)).toBe('down')
  })

  it('is never an outage because of one account, however often it fails', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(trouble, age)), (seen) => {
        const observations = seen.map(([verdict, ms]) => ({ connectionId: 'con_1', verdict, at: ago(ms) }))
        expect(commonTrouble(observations, now)).toBeNull()
      }),
    )
  })

  it('is not made an outage by an account that works', () => {
    fc.assert(
      fc.property(crowd, age, (observations, ms) => {
        fc.pre(commonTrouble(observations, now) === null)
        const more = [...observations, { connectionId: 'more', verdict: 'works' as const, at: ago(ms) }]
        expect(commonTrouble(more, now)).toBeNull()
      }),
    )
  })

  it('is no less an outage when one more account has it', () => {
    fc.assert(
      fc.property(crowd, (observations) => {
        const seen = commonTrouble(observations, now)
        fc.pre(seen !== null)
        const more = [...observations, { connectionId: 'more', verdict: seen, at: now }]
        expect(commonTrouble(more, now)).toBe(seen)
      }),
    )
  })

  it('is forgotten after its window, whatever it was', () => {
    fc.assert(
      fc.property(crowd, (observations) => {
        expect(commonTrouble(observations, new Date(now.getTime() + memoryMs))).toBeNull()
      }),
    )
  })

  it('counts only what its rule counts', () => {
    fc.assert(
      fc.property(crowd, (observations) => {
        const seen = commonTrouble(observations, now)
        fc.pre(seen !== null)
        const { windowMs, connections, share } = openingRules[seen]
        const fresh = observations.filter(({ at }) => at > ago(windowMs))
        const failing = fresh.filter(({ verdict }) => verdict === seen).length
        const working = fresh.filter(({ verdict }) => verdict === 'works').length
        expect(failing).toBeGreaterThanOrEqual(connections)
        expect(failing / (failing + working)).toBeGreaterThanOrEqual(share)
      }),
    )
  })
})

describe('a probe', () => {
  it('comes between 5 s and six and a quarter minutes later, never sooner after more failures', () => {
    fc.assert(
      fc.property(
        fc.nat({ max: 5_000 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (failed, random) => {
          const wait = nextProbeAt(failed, now, random).getTime() - now.getTime()
          expect(wait).toBeGreaterThanOrEqual(5_000)
          expect(wait).toBeLessThanOrEqual(375_000)
          expect(nextProbeAt(failed + 1, now, random).getTime() - now.getTime()).toBeGreaterThanOrEqual(wait)
        },
      ),
    )
  })

  it('is not so far away that the outage is taken for forgotten', () => {
    expect(nextProbeAt(1_000, now, 0.999).getTime() - now.getTime()).toBeLessThan(forgottenAfterMs)
  })
})

describe('the subject of an outage', () => {
  it('tells the network from its simulator and from other servers', () => {
    const subjects = ['', 'sandbox', 'one.example'].map((server) => outageSubject({ login: 'stage', server }))
    expect(new Set(subjects).size).toBe(3)
  })
})
