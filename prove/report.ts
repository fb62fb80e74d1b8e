/** What the runs came to: a matrix of networks and faults, and the figures below it. */
import { percentile } from '../bench/figures.ts'
import type { Fault } from './fault.ts'
import { faults } from './faults.ts'
import type { Run, Verdict } from './round.ts'

export type Summary = {
  runs: number
  once: number
  unsure: number
  none: number
  lost: number
  doubled: number
  unfinished: number
}

const bad: ReadonlySet<Verdict> = new Set(['lost', 'denied', 'doubled', 'unfinished'])

export function summaryOf(runs: readonly Run[]): Summary {
  const count = (...verdicts: Verdict[]) => runs.filter(({ verdict }) => verdicts.includes(verdict)).length
  return {
    runs: runs.length,
    once: count('once'),
    unsure: count('once-unsure'),
    none: count('none-honest'),
    lost: count('lost', 'denied'),
    doubled: count('doubled'),
    unfinished: count('unfinished'),
  }
}

export function isBad(run: Run): boolean {
  return bad.has(run.verdict)
}

/** One line for each run that broke the promise, with all that is needed to look into it. */
export function lineOf(run: Run): string {
  const attempts = run.attempts.map(([, , outcome, detail]) => `${outcome}${detail ? ` (${detail})` : ''}`)
  return `${run.verdict.toUpperCase()} ${run.fault} ${run.login} on ${run.backend}: ${run.count} on the wall, ${run.state}${run.reason ? `/${run.reason}` : ''}, "${run.text}", attempts: ${shortened(attempts).join('; ')}`
}

/** What is the same several times stands once. */
function shortened(attempts: readonly string[]): string[] {
  const groups: Array<{ text: string; times: number }> = []
  for (const text of attempts) {
    const last = groups.at(-1)
    if (last?.text === text) last.times += 1
    else groups.push({ text, times: 1 })
  }
  return groups.map(({ text, times }) => (times === 1 ? text : `${times} × ${text}`))
}

/** Markdown. A cell is `once/all`, with what else there was behind it. */
export function matrixOf(runs: readonly Run[]): string {
  const networks = [...new Set(runs.map(({ network }) => network))].toSorted()
  const rows = faults
    .filter(({ id }) => runs.some(({ fault }) => fault === id))
    .map((fault) => [fault.title, ...networks.map((network) => cellOf(runs, fault, network))])
  const others = runs.filter(({ isAim }) => !isAim)
  if (others.length > 0)
    rows.push([
      'beside a post that was aimed at, hit at any moment',
      ...networks.map((network) => cell(others.filter((run) => run.network === network))),
    ])
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [line(['', ...networks]), line(['---', ...networks.map(() => '---')]), ...rows.map(line)].join('\n')
}

function cellOf(runs: readonly Run[], fault: Fault, network: string): string {
  return cell(runs.filter((run) => run.isAim && run.fault === fault.id && run.network === network))
}

function cell(runs: readonly Run[]): string {
  if (runs.length === 0) return ''
  const { once, unsure, none, lost, doubled, unfinished } = summaryOf(runs)
  const extra = [
    unsure > 0 ? `${unsure} unsure` : '',
    none > 0 ? `${none} not out` : '',
    lost > 0 ? `${lost} LOST` : '',
    doubled > 0 ? `${doubled} DOUBLED` : '',
    unfinished > 0 ? `${unfinished} UNFINISHED` : '',
  ].filter((text) => text !== '')
  return `${once}/${runs.length}${extra.length > 0 ? ` (${extra.join(', ')})` : ''}`
}

export function figuresOf(runs: readonly Run[]): string {
  const all = summaryOf(runs)
  const times = (name: string, values: number[]) =>
    values.length === 0
      ? `- ${name}: none`
      : `- ${name}: p50 ${seconds(percentile(values, 50))}, p99 ${seconds(percentile(values, 99))} (${values.length})`
  const isKill = ({ fault }: Run) => fault.startsWith('kill')
  const isPowerCut = ({ fault }: Run) => fault.startsWith('power')
  const killed = runs.filter(isKill)
  const others = runs.filter((run) => !isKill(run) && !isPowerCut(run) && run.fault !== 'none')
  const takeOvers = (of: readonly Run[]) => of.flatMap(({ takeOversMs }) => takeOversMs)
  const server = killed.filter(({ backend }) => backend === 'server')
  const embedded = killed.filter(({ backend }) => backend === 'embedded')
  const known = <T>(values: Array<T | null>) => values.filter((value) => value !== null)
  return [
    `- runs: ${all.runs}; once: ${all.once}; once, and left to a person as unsure: ${all.unsure}; not out, and said so: ${all.none}`,
    `- lost: ${all.lost}`,
    `- doubled: ${all.doubled}`,
    `- not come to rest: ${all.unfinished}`,
    times('kill to claim by another worker', takeOvers(server)),
    times('the same without a jump of the clock', takeOvers(server.filter(({ isRealTime }) => isRealTime))),
    times('kill to claim, embedded: the process starts again', takeOvers(embedded)),
    times('the same without a jump of the clock', takeOvers(embedded.filter(({ isRealTime }) => isRealTime))),
    times('power cut to claim, embedded', takeOvers(runs.filter(isPowerCut))),
    times('kill to settled', known(killed.map(({ recoveryMs }) => recoveryMs))),
    times('due to settled with another fault', known(others.map(({ recoveryMs }) => recoveryMs))),
  ].join('\n')
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`
}
