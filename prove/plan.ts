/** Which faults are tried on which database, aimed at which network, in which order. */
import type { Backend } from './arena.ts'
import { type Fault, faults } from './faults.ts'

export type Planned = { fault: Fault; aim: string | null }

export type PlanOptions = {
  backend: Backend
  networks: readonly string[]
  isShort: boolean
  /** How often everything is tried. */
  times: number
  only?: string
}

/** What happens to a process has an aim, so it is tried once for each network; the rest hits all at once. */
export function planOf({ backend, networks, isShort, times, only }: PlanOptions): Planned[] {
  const chosen = faults.filter(
    (fault) =>
      (only === undefined || fault.id === only) &&
      (!isShort || fault.isTelling) &&
      (backend === 'server' || !fault.needsTwo),
  )
  return Array.from({ length: times }, (_, round) =>
    chosen
      .filter((fault) => !fault.isLong || round === 0)
      .flatMap((fault): Planned[] =>
        fault.act === undefined ? [{ fault, aim: null }] : networks.map((aim) => ({ fault, aim })),
      ),
  ).flat()
}
