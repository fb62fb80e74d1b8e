/** Which faults are tried on which database, aimed at which network, in which order. */
import type { Backend } from './ground.ts'
import type { Fault } from './fault.ts'
import { faults } from './faults.ts'

export type Planned = { fault: Fault; aim: string | null }

export type PlanOptions = {
  backend: Backend
  networks: readonly string[]
  canCutPower: boolean
  isShort: boolean
  /** How often everything is tried. */
  times: number
  only?: string
}

/** What happens to a process has an aim, so it is tried once for each network; the rest hits all at once. */
export function planOf({ backend, canCutPower, networks, isShort, times, only }: PlanOptions): Planned[] {
  const given = { server: backend === 'server', power: canCutPower }
  const chosen = faults.filter(
    (fault) =>
      (only === undefined || fault.id === only || fault.id.startsWith(`${only}-`)) &&
      (!isShort || fault.isTelling) &&
      (fault.needs === undefined || given[fault.needs]),
  )
  return Array.from({ length: times }, (_, round) =>
    chosen
      .filter((fault) => !fault.isLong || round === 0)
      .flatMap((fault): Planned[] =>
        fault.act === undefined ? [{ fault, aim: null }] : networks.map((aim) => ({ fault, aim })),
      ),
  ).flat()
}
