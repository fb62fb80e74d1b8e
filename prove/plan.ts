/** Which faults are tried on which database, aimed at which network, in which order. */
import { type Fault, hitsAll, type Subject } from './fault.ts'
import { faults } from './faults.ts'
import type { Backend } from './ground.ts'
import type { Chance } from './random.ts'

export type Planned = { fault: Fault; subject: Subject; aim: string | null }

export type PlanOptions = {
  backend: Backend
  canCutPower: boolean
  networks: readonly string[]
  /** Those of them that take first comments. */
  commented: readonly string[]
  subjects: readonly Subject[]
  chance: Chance
  isShort: boolean
  /** How often everything is tried. */
  times: number
  only?: string
}

/** Of so many networks the moment is taken, where all are hit whatever it is aimed at. */
const momentsOfAll = 3
/** And in the short form of comments, which is about comments and not about networks. */
const momentsOfShort = 1

/** What happens to a process, a database or a clock has an aim, whose moment it takes; the rest hits all at once. */
export function planOf(options: PlanOptions): Planned[] {
  return Array.from({ length: options.times }, (_, time) =>
    options.subjects.flatMap((subject) =>
      faultsOf(options, subject)
        .filter((fault) => !fault.isLong || time === 0)
        .flatMap((fault) => aimsOf(options, fault, subject).map((aim) => ({ fault, subject, aim }))),
    ),
  ).flat()
}

function faultsOf({ backend, canCutPower, isShort, only }: PlanOptions, subject: Subject): Fault[] {
  const given = { server: backend === 'server', power: canCutPower }
  return faults.filter(
    (fault) =>
      (only === undefined || fault.id === only || fault.id.startsWith(`${only}-`)) &&
      (fault.subjects ?? usual).includes(subject) &&
      (!isShort || fault.tells?.includes(subject)) &&
      (fault.needs === undefined || given[fault.needs]),
  )
}

const usual: readonly Subject[] = ['posts', 'comments']

function aimsOf(options: PlanOptions, fault: Fault, subject: Subject): ReadonlyArray<string | null> {
  const { backend, isShort, chance } = options
  const able = subject === 'posts' ? options.networks : options.commented
  const { commentsOf } = fault
  const networks = subject === 'comments' && commentsOf ? able.filter((id) => commentsOf.includes(id)) : able
  if (networks.length === 0) return []
  if (fault.act === undefined) return [null]
  if (isShort && subject !== 'posts') return some(networks, momentsOfShort, chance)
  // The embedded database has one worker, which has everything in hand.
  return hitsAll(fault) || backend === 'embedded' ? some(networks, momentsOfAll, chance) : networks
}

function some(networks: readonly string[], count: number, chance: Chance): string[] {
  const picked: string[] = []
  while (picked.length < Math.min(count, networks.length))
    picked.push(chance.pick(networks.filter((network) => !picked.includes(network))))
  return picked
}
