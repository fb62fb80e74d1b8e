/** The command line: finds the command, runs it, and says in words and in the exit code how it went. */
import { readFileSync } from 'node:fs'
import { Command, CommanderError } from 'commander'
import { LitfassError } from '#domain/errors.ts'
import { ServerProblem } from './api.ts'
import { oneLine, style } from './print.ts'
import { addJsonOption, commandOf, usageOf } from './use.ts'

type Declare = (program: Command) => void

/** Each is loaded when it is named, so that a short command starts fast. In the order of the help. */
const nouns: Readonly<Record<string, () => Promise<Declare>>> = {
  serve: async () => (await import('./commands/serve.ts')).serveCommands,
  init: async () => (await import('./commands/init.ts')).initCommand,
  doctor: async () => (await import('./commands/doctor.ts')).doctorCommand,
  config: async () => (await import('./commands/config.ts')).configCommand,
  connection: async () => (await import('./commands/connection.ts')).connectionCommands,
  channel: async () => (await import('./commands/channel.ts')).channelCommands,
  post: async () => (await import('./commands/post.ts')).postCommands,
  delivery: async () => (await import('./commands/delivery.ts')).deliveryCommands,
  media: async () => (await import('./commands/media.ts')).mediaCommands,
  metrics: async () => (await import('./commands/metrics.ts')).metricsCommand,
  notice: async () => (await import('./commands/notice.ts')).noticeCommands,
  prices: async () => (await import('./commands/prices.ts')).pricesCommand,
  budget: async () => (await import('./commands/budget.ts')).budgetCommands,
  ledger: async () => (await import('./commands/ledger.ts')).ledgerCommands,
  ai: async () => (await import('./commands/ai.ts')).aiCommands,
  data: async () => (await import('./commands/data.ts')).dataCommands,
  member: async () => (await import('./commands/member.ts')).memberCommands,
  key: async () => (await import('./commands/key.ts')).keyCommands,
  backup: async () => (await import('./commands/backup.ts')).backupCommands,
  sandbox: async () => (await import('./commands/sandbox.ts')).sandboxCommand,
}
/** Declared together with another one. */
const twins: Readonly<Record<string, string>> = { worker: 'serve', restore: 'backup' }

async function main(words: readonly string[]): Promise<number> {
  const program = new Command('litfass')
    .description('Write once, shape for each channel, schedule, publish, measure')
    .version(version(), '-V, --version', 'Print the version')
    .configureOutput({ outputError: () => {} })
    .exitOverride()
  const named = words.find((word) => !word.startsWith('-')) ?? ''
  const only = nouns[twins[named] ?? named]
  for (const load of only ? [only] : Object.values(nouns)) (await load())(program)
  addJsonOption(program)
  try {
    await program.parseAsync(words, { from: 'user' })
    return Number(process.exitCode ?? 0)
  } catch (cause) {
    return report(cause, commandOf(program, words), words.includes('--json'))
  }
}

/** 0 done, 1 failed, 2 wrong use. What is no problem of the user's is a bug, and thrown on. */
function report(cause: unknown, command: Command, isJson: boolean): number {
  if (cause instanceof CommanderError) {
    if (cause.exitCode === 0) return 0
    if (cause.code !== 'commander.help') show(wrongUseOf(cause, command), isJson)
    return 2
  }
  const problem = problemOf(cause)
  if (problem === null) throw cause
  show(problem, isJson)
  return 1
}

type Shown = {
  code: string
  title: string
  remedy: string
  issues?: ReadonlyArray<{ path: string; message: string }>
}

function problemOf(cause: unknown): Shown | null {
  if (cause instanceof ServerProblem) return cause.problem
  if (cause instanceof LitfassError)
    return {
      code: cause.code,
      title: cause.message,
      remedy: cause.remedy,
      ...(cause.issues.length === 0 ? {} : { issues: cause.issues }),
    }
  // A disk that is full, a port that is taken: nothing of ours, and Node's message names it.
  if (cause instanceof Error && 'syscall' in cause) {
    const remedy =
      cause.syscall === 'listen'
        ? 'Stop what uses this port, or choose another: LITFASS_PORT, or --port.'
        : 'Check the path, its rights and free space.'
    return { code: 'config_invalid', title: cause.message, remedy }
  }
  return null
}

function wrongUseOf(cause: CommanderError, command: Command): Shown {
  const title = cause.message.replace(/^error: /, '')
  const usage = usageOf(command)
  return {
    code: 'invalid_input',
    title: title.charAt(0).toUpperCase() + title.slice(1),
    remedy: `Usage: ${usage}\n\`${usage.split(' [')[0]?.split(' <')[0]} --help\` lists what there is.`,
  }
}

function show(problem: Shown, isJson: boolean): void {
  process.stderr.write(
    isJson
      ? `${JSON.stringify(problem)}\n`
      : [style('red', problem.title, process.stderr), ...untold(problem), problem.remedy, ''].join('\n'),
  )
}

/** What was refused in detail, where the title does not say it already. */
function untold({ title, issues = [] }: Shown): string[] {
  return issues
    .filter(({ message }) => !title.includes(message))
    .map(({ message }) => `  ${oneLine(message, 200)}`)
}

function version(): string {
  const file = new URL('../../package.json', import.meta.url)
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version
}

// A reader that has seen enough (`| head`) is no failure.
process.stdout.on('error', (cause: NodeJS.ErrnoException) => {
  if (cause.code === 'EPIPE') process.exit(0)
  throw cause
})
const code = await main(process.argv.slice(2))
// What was printed must be out before the process ends: pipes are not always written at once.
process.stdout.write('', () => process.stderr.write('', () => process.exit(code)))
