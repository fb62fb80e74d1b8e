/** What the runs came to: a matrix of networks and faults, and the figures below it. */
import { percentile } from '../bench/figures.ts'
import type { Subject } from './fault.ts'
import { faults } from './faults.ts'
import type { Run, Verdict } from './verdict.ts'

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
  return `${run.verdict.toUpperCase()} ${run.part} of ${run.subject} ${run.fault} ${run.login} on ${run.backend}: ${run.count} on the wall, ${run.state}${run.reason ? `/${run.reason}` : ''}, "${run.text}", attempts: ${shortened(attempts).join('; ')}`
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

const headings: Readonly<Record<Subject, string>> = {
  posts: 'Posts',
  comments: 'First comments, below posts that are out',
  both: 'Posts and the first comments that follow them: post + comment',
}

/** Markdown: a table for each subject. A cell is `once/all`, with what else there was behind it. */
export function matrixOf(runs: readonly Run[]): string {
  return (Object.keys(headings) as Subject[])
    .map((subject) => ({ subject, of: runs.filter((run) => run.subject === subject) }))
    .filter(({ of }) => of.length > 0)
    .map(({ subject, of }) => `### ${headings[subject]}\n\n${tableOf(of, subject)}`)
    .join('\n\n')
}

function tableOf(runs: readonly Run[], subject: Subject): string {
  const networks = [...new Set(runs.map(({ network }) => network))].toSorted()
  const row = (title: string, of: readonly Run[]) => {
    if (of.length === 0) return []
    return [
      [
        title,
        ...networks.map((network) =>
          cellOf(
            of.filter((run) => run.network === network),
            subject,
          ),
        ),
      ],
    ]
  }
  const isAbove = ({ part }: Run) => subject === 'comments' && part === 'post'
  const rows = [
    ...faults.flatMap(({ id, title }) =>
      row(
        title,
        runs.filter((run) => run.isAim && run.fault === id),
      ),
    ),
    ...row(
      'beside what was aimed at, hit at any moment',
      runs.filter((run) => !run.isAim && !isAbove(run)),
    ),
    ...row('the posts above, whatever their comments met', runs.filter(isAbove)),
  ]
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [line(['', ...networks]), line(['---', ...networks.map(() => '---')]), ...rows.map(line)].join('\n')
}

function cellOf(runs: readonly Run[], subject: Subject): string {
  if (subject !== 'both' || runs.length === 0) return cell(runs)
  const part = (wanted: Run['part']) => cell(runs.filter((run) => run.part === wanted))
  return `${part('post')} + ${part('comment')}`
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
    ...countsOf(
      'posts',
      runs.filter(({ part }) => part === 'post'),
    ),
    ...countsOf(
      'first comments',
      runs.filter(({ part }) => part === 'comment'),
    ),
    times('kill to claim by another worker', takeOvers(server)),
    times('the same without a jump of the clock', takeOvers(server.filter(({ isRealTime }) => isRealTime))),
    times('kill to claim, embedded: the process starts again', takeOvers(embedded)),
    times('the same without a jump of the clock', takeOvers(embedded.filter(({ isRealTime }) => isRealTime))),
    times('power cut to claim, embedded', takeOvers(runs.filter(isPowerCut))),
    times('kill to settled', known(killed.map(({ recoveryMs }) => recoveryMs))),
    times('due to settled with another fault', known(others.map(({ recoveryMs }) => recoveryMs))),
  ].join('\n')
}

function countsOf(name: string, runs: readonly Run[]): string[] {
  if (runs.length === 0) return []
  const { once, unsure, none, lost, doubled, unfinished } = summaryOf(runs)
  return [
    `- ${name}: ${runs.length}; once: ${once}; once, and left to a person as unsure: ${unsure}; not out, and said so: ${none}`,
    `- ${name} lost: ${lost}; doubled: ${doubled}; not come to rest: ${unfinished}`,
  ]
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`
}
