/** What the page about the networks is put together from. */
import type { Fact, LoginMethod } from './contract.ts'

export const yes = (is: boolean) => (is ? 'yes' : 'no')

export function yesBut(without: readonly LoginMethod[]): string {
  return without.length === 0 ? 'yes' : `yes, not by ${without.map((login) => login.name).join(', ')}`
}

export function sourceOf({ source, readOn }: Fact<unknown>): string[] {
  return [`Source: ${source.replaceAll('|', '\\|')}. Read ${readOn}.`, '']
}

export function list(items: ReadonlyArray<string | null>): string[] {
  return [...items.flatMap((item) => (item === null ? [] : [`- ${item}`])), '']
}

export function table(head: readonly string[], rows: ReadonlyArray<readonly string[]>): string[] {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)]
}

/** The same everywhere, whatever the machine's language is. */
export function count(number: number): string {
  return String(number).replaceAll(/(?<=\d)(?=(?:\d{3})+$)/g, ',')
}
