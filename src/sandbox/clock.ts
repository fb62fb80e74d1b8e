/** The simulators' own clock: that of the product, moved or stopped. */
import type { Collections } from '#networks/sandbox-journal.ts'

type Setting = { offsetSeconds: number; frozenAt: string | null }

export type Clock = {
  now: () => Date
  setting: () => Setting
  /** `at` moves it there, `offsetSeconds` away from the real one; `isFrozen` stops it or lets it run on. */
  change: (change: {
    at?: string | undefined
    offsetSeconds?: number | undefined
    isFrozen?: boolean | undefined
  }) => void
}

export function openClock(collections: Collections, realNow: () => Date): Clock {
  const kept = collections<Setting>('clock')
  let setting = kept.get('clock') ?? { offsetSeconds: 0, frozenAt: null }
  const now = () =>
    setting.frozenAt === null
      ? new Date(realNow().getTime() + setting.offsetSeconds * 1_000)
      : new Date(setting.frozenAt)
  const offsetTo = (instant: Date) => (instant.getTime() - realNow().getTime()) / 1_000
  return {
    now,
    setting: () => setting,
    change: ({ at, offsetSeconds, isFrozen }) => {
      const wasFrozen = setting.frozenAt !== null
      const offset =
        offsetSeconds ??
        (at !== undefined || wasFrozen ? offsetTo(at ? new Date(at) : now()) : setting.offsetSeconds)
      const moved = new Date(realNow().getTime() + offset * 1_000)
      setting = {
        offsetSeconds: offset,
        frozenAt: (isFrozen ?? wasFrozen) ? moved.toISOString() : null,
      }
      kept.set('clock', setting)
    },
  }
}
