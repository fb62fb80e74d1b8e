/**
 * Proves that nothing read from a network outlives its clock: random histories on both databases.
 *
 * `--short` takes a few, `--runs N` so many, `--steps N` acts in each, `--backend` one database, `--seed N` makes a
 * run again, `--write FILE` puts the result into that file. Exit code 1 where something is wrong.
 */
import { availableParallelism, cpus, totalmem } from 'node:os'
import { parseArgs } from 'node:util'
import { freshServerDatabase } from '#test/support/databases.ts'
import { startTestProduct } from '#test/support/product.ts'
import { chanceOf } from '../prove/random.ts'
import { type Clock, type HistoryResult, runHistory } from '../prove/retention.ts'
import { installKit } from './kit.ts'
import { writeInto } from './page-result.ts'

const { values: options } = parseArgs({
  options: {
    short: { type: 'boolean', default: false },
    runs: { type: 'string' },
    steps: { type: 'string' },
    seed: { type: 'string' },
    backend: { type: 'string' },
    write: { type: 'string' },
  },
})
const seed = Number(options.seed ?? Math.floor(Math.random() * 1_000_000))
const runs = Number(options.runs ?? (options.short ? 2 : 30))
const steps = Number(options.steps ?? (options.short ? 50 : 150))
const startedAt = performance.now()

const results: Array<HistoryResult & { backend: string; number: number }> = []
for (const backend of backends()) await prove(backend)

const text = reportOf()
if (options.write !== undefined) writeInto(options.write, text)
console.log(text)
process.exit(results.some(({ wrong }) => wrong.length > 0) ? 1 : 0)

function backends(): string[] {
  const wanted = ['embedded', 'server'].filter(
    (name) => options.backend === undefined || options.backend === name,
  )
  if (!wanted.includes('server') || installKit()) return wanted
  process.stderr.write(
    'The test kit, which brings a PostgreSQL server, cannot be installed: embedded only.\n',
  )
  return ['embedded']
}

async function prove(backend: string): Promise<void> {
  const clock: Clock = { now: new Date('2027-01-10T08:00:00Z') }
  const env: Record<string, string> = { LITFASS_ROLES: 'serve', LITFASS_SANDBOX: 'off' }
  if (backend === 'server') env['LITFASS_DATABASE_URL'] = await freshServerDatabase()
  const test = await startTestProduct({ env, now: () => clock.now })
  try {
    for (let number = 0; number < runs; number += 1) {
      const result = await runHistory(test, clock, chanceOf(seed + number), steps)
      results.push({ ...result, backend, number })
      for (const words of result.wrong) process.stderr.write(`${backend} ${number} ${words}\n`)
    }
  } finally {
    await test.close()
  }
}

function reportOf(): string {
  const sum = (pick: (result: HistoryResult) => number) =>
    results.reduce((total, result) => total + pick(result), 0)
  const on = new Date().toISOString().slice(0, 10)
  const seeded = options.seed === undefined ? ['--seed', String(seed)] : []
  const command = ['npm run prove:retention --', ...process.argv.slice(2), ...seeded].join(' ')
  const machine = `${availableParallelism()} cores (${cpus()[0]?.model.trim() ?? 'unknown'}), ${Math.round(totalmem() / 1e9)} GB, Node ${process.version}`
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(0)
  const wrong = results.flatMap((result) =>
    result.wrong.map((words) => `${result.backend} ${result.number}: ${words}`),
  )
  const [readings, deleted, certified] = [
    sum(({ read }) => read),
    sum((one) => one.deleted),
    sum((one) => one.certified),
  ]
  return [
    `Run on ${on} with \`${command}\` in ${seconds} seconds: ${machine}.`,
    '',
    `- histories: ${results.length} (${[...new Set(results.map(({ backend }) => backend))].join(', ')}), ${sum((one) => one.steps)} steps`,
    `- read: ${readings} readings`,
    `- sweeps: ${sum((one) => one.sweeps)}, of which stopped between two statements: ${sum((one) => one.kills)}`,
    `- deleted: ${deleted} items; certified: ${certified}`,
    `- past a clock, lost or not certified: ${wrong.length}`,
    ...wrong.map((words) => `  - ${words}`),
  ].join('\n')
}
