/** How the command line is used: shared options, values of a type, and what to say to wrong use. */
import { Command, CommanderError, InvalidArgumentError } from 'commander'

/** Wrong use that commander cannot see by itself: exit code 2, with the usage. */
export function wrongUse(message: string): CommanderError {
  return new CommanderError(2, 'litfass.use', message)
}

export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (/^\d+$/.test(text) && value >= least && value <= most) return value
    throw new InvalidArgumentError(`A whole number from ${least} to ${most} is needed.`)
  }
}

/** Seconds, fractions allowed. */
export function seconds(text: string): number {
  const value = Number(text)
  if (/^\d+(\.\d+)?$/.test(text) && value <= 86_400) return value
  throw new InvalidArgumentError('A number of seconds up to 86400 is needed.')
}

/** An instant with its offset, as the API takes it. */
export function instant(text: string): string {
  if (/^\d{4}-\d{2}-\d{2}T.*(Z|[+-]\d{2}:\d{2})$/.test(text) && !Number.isNaN(Date.parse(text)))
    return new Date(text).toISOString()
  throw new InvalidArgumentError('Write it like 2026-12-01T09:30:00Z.')
}

/** An option that repeats. */
export function many(value: string, previous: string[] = []): string[] {
  return [...previous, value]
}

export type Paging = { limit?: number; cursor?: string }

export function paged(command: Command): Command {
  return command
    .option('--limit <number>', 'At most so many', wholeNumber(1, 200))
    .option('--cursor <cursor>', 'Go on where the page before ended')
}

/** What follows a list that has more. */
export function more(next: string | null | undefined): string {
  return next ? `\n\nThere is more: add --cursor ${next}` : ''
}

/** `--json` is an option of every command, so it is given to all of them in one place. */
export function addJsonOption(command: Command): void {
  if (command.commands.length === 0) command.option('--json', 'Answer as JSON')
  for (const child of command.commands) addJsonOption(child)
}

/** The command that the words name, as far as they do. */
export function commandOf(program: Command, words: readonly string[]): Command {
  let found = program
  for (const word of words) {
    const next = found.commands.find((candidate) => candidate.name() === word)
    if (!next) break
    found = next
  }
  return found
}

/** Names with the words of its parents, and what it takes. */
export function usageOf(command: Command): string {
  const names: string[] = []
  for (let at: Command | null = command; at; at = at.parent) names.unshift(at.name())
  return `${names.join(' ')} ${command.usage()}`
}

/** Everything on standard input. */
export async function readStdin(): Promise<string> {
  const parts: Buffer[] = []
  for await (const part of process.stdin) parts.push(part as Buffer)
  return Buffer.concat(parts).toString('utf8')
}
