/** What a benchmark gives: named figures, some with a target, and how they are shown. */

export type Figure = {
  name: string
  value: number
  unit: string
  target?: { atMost: number } | { atLeast: number }
  /** How it came about: rounds, spread, what it stands against. */
  detail?: string
}

/** A part of the benchmark; `skipped` says why it has no figures. */
export type Part = { title: string; figures: Figure[]; skipped?: string }

export function median(values: readonly number[]): number {
  return percentile(values, 50)
}

/** Nearest rank. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  const value = sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)]
  if (value === undefined) throw new Error('a percentile of nothing')
  return value
}

export function spread(values: readonly number[], digits = 0): string {
  const low = Math.min(...values).toFixed(digits)
  return `${low} to ${Math.max(...values).toFixed(digits)} in ${values.length} rounds`
}

export function isMet({ value, target }: Figure): boolean | null {
  if (target === undefined) return null
  return 'atMost' in target ? value <= target.atMost : value >= target.atLeast
}

/** As Markdown, which reads well on a terminal too. */
export function tableOf({ title, figures, skipped }: Part): string {
  const lines = [`### ${title}`, '']
  if (skipped !== undefined) lines.push(`Not measured: ${skipped}.`, '')
  if (figures.length === 0) return lines.join('\n')
  const rows = figures.map((figure) => [
    figure.name,
    `${shown(figure.value)} ${figure.unit}`.trim(),
    targetOf(figure),
    figure.detail ?? '',
  ])
  const all = [['figure', 'value', 'target', 'how'], ...rows]
  const widths = [0, 1, 2].map((column) => Math.max(...all.map((row) => (row[column] ?? '').length)))
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`
  lines.push(line(all[0] ?? []), `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|---|`)
  lines.push(...rows.map(line), '')
  return lines.join('\n')
}

function shown(value: number): string {
  if (Number.isInteger(value)) return String(value)
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2)
}

function targetOf(figure: Figure): string {
  const { target } = figure
  if (target === undefined) return ''
  const verdict = isMet(figure) ? 'met' : 'MISSED'
  return 'atMost' in target
    ? `at most ${target.atMost}: ${verdict}`
    : `at least ${target.atLeast}: ${verdict}`
}
