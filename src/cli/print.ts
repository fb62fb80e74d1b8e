/** What comes out: JSON for scripts, aligned tables and short paragraphs for people; colours only on a terminal. */
import { stripVTControlCharacters, styleText } from 'node:util'

export type Output = { json?: boolean }

/** The answer as JSON on one line, or `human` where a person reads. */
export function print(value: unknown, options: Output, human: () => string): void {
  process.stdout.write(`${options.json ? JSON.stringify(value) : human()}\n`)
}

/** A remark beside the answer; a script that asked for JSON does not see it. */
export function remark(text: string, options: Output): void {
  if (!options.json) process.stderr.write(`${text}\n`)
}

type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow'

/** `styleText` leaves the text plain where the stream is no terminal or NO_COLOR is set. */
export function style(format: Style, text: string, stream: NodeJS.WriteStream = process.stdout): string {
  return styleText(format, text, { stream })
}

/** Columns as wide as their widest cell. `empty` is said where there is no row. */
export function table(headers: readonly string[], rows: readonly string[][], empty: string): string {
  if (rows.length === 0) return empty
  const widths = headers.map((header, column) =>
    Math.max(widthOf(header), ...rows.map((row) => widthOf(row[column] ?? ''))),
  )
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => cell + ' '.repeat(Math.max(0, (widths[column] ?? 0) - widthOf(cell))))
      .join('  ')
      .trimEnd()
  return [line(headers.map((header) => style('bold', header))), ...rows.map(line)].join('\n')
}

/** Label and value, a line each; what is null is left out. */
export function fields(pairs: ReadonlyArray<readonly [label: string, value: string | null]>): string {
  const shown = pairs.filter((pair): pair is readonly [string, string] => pair[1] !== null)
  const width = Math.max(0, ...shown.map(([label]) => widthOf(label)))
  return shown.map(([label, value]) => `${style('bold', label.padEnd(width))}  ${value}`).join('\n')
}

const good = new Set(['published', 'active', 'ok'])
const bad = new Set(['refused', 'failed', 'fail', 'needs-reauthorisation', 'error'])
const open = new Set(['unsure', 'held', 'partly-published', 'warn', 'warning'])

/** A state in its colour. */
export function state(name: string): string {
  if (good.has(name)) return style('green', name)
  if (bad.has(name)) return style('red', name)
  return open.has(name) ? style('yellow', name) : name
}

/** Text from outside on one line, without what would steer the terminal. `limit` is in characters. */
export function oneLine(text: string, limit = 60): string {
  const line = stripVTControlCharacters(text)
    .replaceAll(/[\p{Cc}\s]+/gu, ' ')
    .trim()
  const characters = [...line]
  return characters.length <= limit ? line : `${characters.slice(0, limit - 1).join('')}…`
}

/** Text from outside with its line breaks, without what would steer the terminal. */
export function paragraph(text: string): string {
  return stripVTControlCharacters(text).replaceAll(/[^\P{Cc}\n\t]/gu, '')
}

/** An instant in this machine's time zone, with its offset. */
export function when(instant: string | null): string {
  if (instant === null) return '–'
  const date = new Date(instant)
  const offset = -date.getTimezoneOffset()
  const local = new Date(date.getTime() + offset * 60_000).toISOString()
  const clock = `${two(Math.trunc(Math.abs(offset) / 60))}:${two(Math.abs(offset) % 60)}`
  return `${local.slice(0, 10)} ${local.slice(11, 16)} ${offset < 0 ? '-' : '+'}${clock}`
}

export function money(value: { amount: string; currency: string } | null): string {
  return value === null ? '–' : `${value.amount} ${value.currency}`
}

export function size(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3))
  return `${(bytes / 1_000 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power]}`
}

/**
 * One line on the terminal that says what is waited for, and nothing elsewhere.
 *
 * The prompt library's spinner is not used: it reads the keyboard itself and turns Ctrl-C into exit code 0.
 */
export function progressLine(options: Output): { say: (text: string) => void; end: () => void } {
  const stream = process.stderr
  if (options.json || !stream.isTTY) return { say: () => {}, end: () => {} }
  return {
    say: (text) =>
      stream.write(`\r\u001B[K${style('dim', oneLine(text, (stream.columns || 80) - 1), stream)}`),
    end: () => stream.write('\r\u001B[K'),
  }
}

/** Whether somebody sits there who can be asked. */
export function canAsk(options: Output): boolean {
  return !options.json && process.stdin.isTTY && process.stdout.isTTY
}

/** Yes or no; a question that was broken off is a no. */
export async function confirmed(message: string): Promise<boolean> {
  const { confirm } = await import('@clack/prompts')
  return (await confirm({ message, initialValue: false })) === true
}

function two(number: number): string {
  return String(number).padStart(2, '0')
}

const segmenter = new Intl.Segmenter()
const wide =
  /\p{Emoji_Presentation}|\p{sc=Han}|\p{sc=Hiragana}|\p{sc=Katakana}|\p{sc=Hangul}|[\uFF01-\uFF60]/u

/** Columns that a terminal takes for it. */
export function widthOf(text: string): number {
  const plain = stripVTControlCharacters(text)
  if (/^[\u0020-\u024F–…]*$/.test(plain)) return plain.length
  let width = 0
  for (const { segment } of segmenter.segment(plain)) width += wide.test(segment) ? 2 : 1
  return width
}
