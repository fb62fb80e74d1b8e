/** When a fault strikes, told by what the network has seen, and what it does then. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Arena } from './arena.ts'
import { type Act, type Fault, slowMs, type Subject } from './fault.ts'
import type { Chance } from './random.ts'
import type { DeliveryRow, Scheduled } from './talk.ts'

export type Aim = { arena: Arena; fault: Fault; subject: Subject; aim: string | null; chance: Chance }

/** Who was hit, and when by the workers' clock. */
export type Hit = { at: number; victim: string }

/** Whether the network aimed at has seen what the fault waits for. */
export async function isMoment({ arena, fault, aim }: Aim, items: readonly Scheduled[]): Promise<boolean> {
  const mine = items.filter(({ channel }) => channel.network === aim)
  switch (fault.at) {
    case 'between-steps':
    case 'in-flight':
      return (await arena.rules()).some(({ id, applied }) => id === 'aim-0' && applied > 0)
    case 'committed':
      return (await arena.wall(aim ?? '', 20)).some(({ text }) =>
        mine.some((item) => text.includes(item.text)),
      )
    case 'answered':
      return (await arena.requests(aim ?? '')).some(
        ({ effect, status }) => effect === 'publish' && status !== null,
      )
    case 'due':
    case undefined:
      return true
  }
  return true
}

/** Around the moment: sometimes right at it, sometimes when the next thing has begun. Milliseconds. */
export function delayOf({ fault: { at, act }, subject, chance }: Aim): number {
  if (act?.startsWith('clock')) return 0
  switch (at) {
    case 'due':
      return 40 + chance.below(200)
    case 'answered':
      // Of both, this is the post's, and its comment begins soon.
      return chance.below(subject === 'both' ? 60 : 12)
    case 'between-steps':
      return chance.below(350)
    case 'in-flight':
    case 'committed':
    case undefined:
      return chance.below(slowMs - 200)
  }
  return 0
}

/** Whether a worker stands still from then on, until it is let go on. */
export function stopsOne(act: Act | undefined): boolean {
  return act === 'stall' || act === 'partition'
}

/** Returns who died, or was cut off or stopped; nobody where all were hit alike. */
export async function strike(
  { arena, fault, aim, chance }: Aim,
  rows: readonly DeliveryRow[],
  items: readonly Scheduled[],
): Promise<Hit[]> {
  const isAimed = (row: DeliveryRow) =>
    row.isHeld && items.some(({ channel }) => channel.id === row.channelId && channel.network === aim)
  const holder =
    rows.find((row) => isAimed(row) && arena.isAlive(row.workerId)) ?? rows.find(({ isHeld }) => isHeld)
  const victim = holder?.workerId ?? chance.pick(arena.aliveIds())
  const hit = { at: arena.now(), victim }
  switch (fault.act) {
    case 'kill':
      await arena.kill(victim)
      return [hit]
    case 'kill-twice':
      await arena.kill(victim)
      return [hit, await killAnother(arena, chance, rows)]
    case 'power-cut':
      await arena.cutPower(victim)
      return [hit]
    case 'stall':
      arena.stall(victim)
      return [hit]
    case 'partition':
      arena.partition(victim)
      return [hit]
    case 'database-crash':
      await arena.crashDatabase(chance.below(1_000))
      return []
    case 'connections-ended':
      await arena.endConnections()
      return []
    case 'lines-cut':
      arena.cutLines()
      return []
    case 'clock-ahead':
      await arena.skew(3_600_000)
      return []
    case 'clock-behind':
      await arena.skew(-3_600_000)
      return []
    case undefined:
      return []
  }
  return []
}

async function killAnother(arena: Arena, chance: Chance, rows: readonly DeliveryRow[]): Promise<Hit> {
  await arena.settled()
  await sleep(slowMs)
  const left = (await arena.states(rows.map(({ id }) => id))).flatMap(({ isHeld, nextAt }) =>
    isHeld && nextAt !== null ? [nextAt - arena.now()] : [],
  )
  if (left.length > 0) await arena.advance(Math.max(0, ...left) + 5)
  await sleep(chance.below(200))
  const hit = { at: arena.now(), victim: chance.pick(arena.aliveIds()) }
  await arena.kill(hit.victim)
  await arena.settled()
  return hit
}
