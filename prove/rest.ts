/** Waiting until everything has come to rest, on a clock that jumps to whatever comes next. */
import { setTimeout as sleep } from 'node:timers/promises'
import { pastDeadlineMs, slowMs } from './fault.ts'
import { type Aim, delayOf, type Hit, isMoment, stopsOne, strike } from './strike.ts'
import type { DeliveryRow, Scheduled } from './talk.ts'
import { hasRest, isLeftBehind } from './verdict.ts'

/** So long a round may take of real time before it counts as unfinished. */
const patienceMs = 180_000

/** Leases are renewed more often than this; what is not renewed so long is nobody's work. Milliseconds. */
const renewalMs = 2_200

/** Moves the clock to whatever comes next, but never while something is really under way. */
export async function untilRest(aimed: Aim, items: readonly Scheduled[]) {
  const { arena, fault, aim } = aimed
  const ids = items.map(({ id }) => id)
  const startedAt = performance.now()
  const isLong = fault.isLong === true
  let struck: Hit[] | null = null
  const isWorkedOn = renewalWatch()
  let stillUntil = 0
  let stalledAt = 0
  let rows: DeliveryRow[] = []
  if (aim === null && fault.act !== undefined) throw new Error(`${fault.id} needs an aim`)
  for (;;) {
    rows = await arena.states(ids)
    if (fault.act !== undefined && struck === null && (await isMoment(aimed, items))) {
      await sleep(delayOf(aimed))
      rows = await arena.states(ids)
      struck = await strike(aimed, rows, items)
      stillUntil = performance.now() + slowMs + 100
      if (stopsOne(fault.act)) stalledAt = performance.now()
      continue
    }
    const open = rows.filter(({ state, nextAt }) => nextAt !== null && !hasRest.has(state))
    if (stalledAt > 0 && (open.length === 0 || performance.now() - stalledAt > 5_000)) {
      arena.goOn()
      stalledAt = 0
      stillUntil = performance.now() + 300
      continue
    }
    if (open.length === 0) break
    if (performance.now() - startedAt > patienceMs + (isLong ? pastDeadlineMs : 0)) break
    const isBusy = open.some((row) => isWorkedOn(row) && arena.isAlive(row.workerId))
    const mayJump = !fault.isRealTime || !rows.some((row) => isLeftBehind(row, struck ?? []))
    const waitMs = Math.min(...open.map(({ nextAt }) => nextAt ?? Infinity)) - arena.now()
    if (isBusy || !mayJump || performance.now() < stillUntil)
      await sleep(fault.at === 'answered' && struck === null ? 2 : 15)
    else if (waitMs > 0 && !(struck === null && fault.at === 'due')) await arena.advance(waitMs + 5)
    else {
      if (waitMs <= 0) await arena.ask({ do: 'wake' })
      await sleep(15)
    }
  }
  arena.goOn()
  return { rows, hits: struck ?? [] }
}

/** Whether somebody works on a row: its lease is young, or was prolonged just now. Of real time. */
function renewalWatch(): (row: DeliveryRow) => boolean {
  const seen = new Map<string, { nextAt: number | null; since: number }>()
  return ({ id, isHeld, nextAt }) => {
    const before = seen.get(id)
    const since = before?.nextAt === nextAt ? before.since : performance.now()
    seen.set(id, { nextAt, since })
    return isHeld && performance.now() - since < renewalMs
  }
}
