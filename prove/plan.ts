/** Which faults are tried on which database, aimed at which network, in which order. */
import { type Fault, hitsAll } from './fault.ts'
import { faults } from './faults.ts'
import type { Backend } from './ground.ts'
import type { Chance } from './random.ts'

export type Planned = { fault: Fault; aim: string | null }

export type PlanOptions = {
  backend: Backend
  canCutPower: boolean
  networks: readonly string[]
  chance: Chance
  isShort: boolean
  /** How often everything is tried. */
  times: number
  only?: string
}

/** Of so many networks the moment is taken, where all posts are hit whatever it is aimed at. */
const momentsOfAll = 3

/** What happens to a process, a database or a clock has an aim, whose moment it takes; the rest hits all at once. */
export function planOf(options: PlanOptions): Planned[] {
  const { backend, canCutPower, networks, chance, isShort, times, only } = options
  const given = { server: backend === 'server', power: canCutPower }
  const chosen = faults.filter(
    (fault) =>
      (only === undefined || fault.id === only || fault.id.startsWith(`${only}-`)) &&
      (!isShort || fault.isTelling) &&
      (fault.needs === undefined || given[fault.needs]),
  )
  const aimsOf = (fault: Fault): ReadonlyArray<string | null> => {
    if (fault.act === undefined) return [null]
    // The embedded database has one worker, which has everything in hand.
    return hitsAll(fault) || backend === 'embedded' ? some(networks, momentsOfAll, chance) : networks
  }
  return Array.from({ length: times }, (_, round) =>
    chosen
      .filter((fault) => !fault.isLong || round === 0)
      .flatMap((fault) => aimsOf(fault).map((aim): Planned => ({ fault, aim }))),
  ).flat()
}

function some(networks: readonly string[], count: number, chance: Chance): string[] {
  const picked: string[] = []
  while (picked.length < Math.min(count, networks.length))
    picked.push(chance.pick(networks.filter((network) => !picked.includes(network))))
  return picked
}
