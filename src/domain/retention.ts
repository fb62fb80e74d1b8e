/**
 * How long data read from a network may be kept, and what ends it before.
 *
 * Authored data has no clock. Data read from a network has a class, and the network's rules about that class
 * say how long it may stay. Where several apply, the shortest wins.
 */

/** An ISO 8601 duration of one unit. Months and years are those of the calendar, in UTC. */
export type Period = `PT${number}H` | `P${number}D` | `P${number}M` | `P${number}Y`

/**
 * What ends data whatever its clock says. `removed`: it is no longer on the network. `disconnected`: the grant
 * it was read with ended. `request`: whoever it is about asked, or the network did. `terminated`: the
 * agreement with the network is over.
 */
export type EndReason = 'removed' | 'disconnected' | 'request' | 'terminated'

/** Why something was deleted. */
export type DeletionReason = 'clock' | EndReason

/** How data of a class may be used while it is kept. */
export type UseRule = {
  /** Shown at most so long after it was read; without, as long as it is kept. */
  showFor?: Period
  /** Who may see it; without, everybody in the workspace. */
  showTo?: 'its-author' | 'team-of-the-channel'
  /** How it may leave Litfass; without, freely. */
  export?: { kind: 'never' } | { kind: 'limited'; perPersonAndDay: number }
  /** Whether it may go to a model; `free` where the terms were read and hold nothing against it. */
  model?: 'forbidden' | 'unclear' | 'free'
}

/** A rule of a network about one class of data read from it, or about all of them (`*`). */
export type DataRule = {
  /** Of the rule book, for example `X1`. */
  id: string
  dataClass: string
  /** Kept at most so long after it was read; null where no time is stated. */
  keepFor: Period | null
  /** What ends it, and within which time; null: without delay. */
  deleteOn: Readonly<Partial<Record<EndReason, Period | null>>>
  /** Day of the text it stands in (YYYY-MM-DD). It also holds for what was read before, but not before this day. */
  since: string
  use?: UseRule
}

export type RuleBook<Rule extends DataRule = DataRule> = {
  network: string
  /** Changes whenever a rule does; kept with each row, so that rows of an older book are found. */
  version: string
  rules: readonly Rule[]
}

/** Due, and by which rule. */
export type End<Rule extends DataRule = DataRule> = { at: Date; rule: Rule }

export function rulesFor<Rule extends DataRule>(rules: readonly Rule[], dataClass: string): Rule[] {
  return rules.filter((rule) => rule.dataClass === dataClass || rule.dataClass === '*')
}

/** When the clock of a row runs out; null where no rule sets a time. */
export function clockOf<Rule extends DataRule>(
  rules: readonly Rule[],
  dataClass: string,
  readAt: Date,
): End<Rule> | null {
  return earliest(
    rulesFor(rules, dataClass).flatMap((rule) =>
      rule.keepFor === null ? [] : [{ at: latest(after(readAt, rule.keepFor), startOf(rule)), rule }],
    ),
  )
}

/** Until when a row has to be gone once `reason` has come; null where no rule says that it ends the row. */
export function deadlineOf<Rule extends DataRule>(
  rules: readonly Rule[],
  dataClass: string,
  reason: EndReason,
  happenedAt: Date,
): End<Rule> | null {
  return earliest(
    rulesFor(rules, dataClass).flatMap((rule) => {
      const within = rule.deleteOn[reason]
      if (within === undefined) return []
      return [{ at: within === null ? happenedAt : after(happenedAt, within), rule }]
    }),
  )
}

/** Until when a row may be shown: its clock, or earlier where it has to be read again before. */
export function shownUntil(rules: readonly DataRule[], dataClass: string, readAt: Date): Date | null {
  const ends = rulesFor(rules, dataClass).flatMap(({ use }) =>
    use?.showFor === undefined ? [] : [after(readAt, use.showFor)],
  )
  const clock = clockOf(rules, dataClass, readAt)
  return soonest(clock === null ? ends : [...ends, clock.at])
}

/** How many items of a class one person may take out of Litfass on one day; null: as many as there are. */
export function exportLimit(rules: readonly DataRule[], dataClass: string): number | null {
  const limits = rulesFor(rules, dataClass).flatMap(({ use }) => {
    if (use?.export === undefined) return []
    return [use.export.kind === 'never' ? 0 : use.export.perPersonAndDay]
  })
  return limits.length === 0 ? null : Math.min(...limits)
}

/** The instant a period after another. A month without such a day ends on its last one. */
export function after(instant: Date, period: Period): Date {
  const [, time, count, unit] = /^P(T?)(\d+)([HDMY])$/.exec(period) ?? []
  if (count === undefined) throw new Error(`${period} is no period`)
  const number = Number(count)
  if (time === 'T') return new Date(instant.getTime() + number * 3_600_000)
  if (unit === 'D') return new Date(instant.getTime() + number * 86_400_000)
  return afterMonths(instant, unit === 'Y' ? number * 12 : number)
}

function afterMonths(instant: Date, months: number): Date {
  const day = instant.getUTCDate()
  const moved = new Date(instant)
  moved.setUTCDate(1)
  moved.setUTCMonth(moved.getUTCMonth() + months)
  const days = new Date(Date.UTC(moved.getUTCFullYear(), moved.getUTCMonth() + 1, 0)).getUTCDate()
  moved.setUTCDate(Math.min(day, days))
  return moved
}

const startOf = (rule: DataRule) => new Date(`${rule.since}T00:00:00Z`)

const latest = (one: Date, other: Date) => (one > other ? one : other)

function soonest(instants: readonly Date[]): Date | null {
  return instants.length === 0 ? null : new Date(Math.min(...instants.map((at) => at.getTime())))
}

function earliest<Rule extends DataRule>(ends: ReadonlyArray<End<Rule>>): End<Rule> | null {
  return ends.reduce<End<Rule> | null>(
    (first, end) => (first === null || end.at < first.at ? end : first),
    null,
  )
}
