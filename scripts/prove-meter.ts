/**
 * Proves that what is metered is what a network charges, that no call gets past a budget, and that every request stands
 * in the ledger.
 *
 * `--short` makes fewer calls, `--seed N` makes a run again, `--write FILE` puts the result into that file. Exit code 1
 * where something is not so.
 */
import { parseArgs } from 'node:util'
import { type Leg, proveMeter } from '../prove/meter.ts'
import { installKit } from './kit.ts'
import { writeInto } from './page-result.ts'

const { values: options } = parseArgs({
  options: {
    short: { type: 'boolean', default: false },
    seed: { type: 'string' },
    write: { type: 'string' },
  },
})
if (!installKit()) throw new Error('the test kit, which brings a PostgreSQL server, cannot be installed')
const seed = Number(options.seed ?? Math.floor(Math.random() * 1_000_000))
const legs = await proveMeter(
  options.short ? { seed, calls: 4_000, lossyCalls: 1_000 } : { seed, calls: 100_000, lossyCalls: 10_000 },
)
const text = reportOf(legs)
if (options.write !== undefined) writeInto(options.write, text)
console.log(text)
process.exit(legs.every(({ isRight }) => isRight) ? 0 : 1)

function reportOf(all: readonly Leg[]): string {
  const command = `npm run prove:meter -- --seed ${seed}${options.short ? ' --short' : ''}`
  const rows = all.map((leg) => [
    leg.name,
    String(leg.calls),
    `${leg.billed} USD`,
    `${leg.metered} USD`,
    leg.assumed === '0.000' ? '' : `${leg.assumed} USD`,
    String(leg.overBudget),
    `${leg.recorded} of ${leg.seen}`,
    leg.isRight ? 'yes' : 'NO',
  ])
  const titles = [
    'calls with',
    'calls',
    'billed',
    'metered',
    'of it assumed',
    'kept back by a budget',
    'recorded of seen',
    'right',
  ]
  const statuses = all.map(
    ({ name, byStatus, lost }) =>
      `- ${name}: ${Object.entries(byStatus)
        .map(([status, count]) => `${count} × ${status}`)
        .join(', ')}${lost === 0 ? '' : `, ${lost} without an answer`}`,
  )
  return [
    `Run on ${new Date().toISOString().slice(0, 10)} with \`${command}\`.`,
    '',
    `| ${titles.join(' | ')} |`,
    `|${titles.map(() => '---').join('|')}|`,
    ...rows.map((row) => `| ${row.join(' | ')} |`),
    '',
    'Answers:',
    ...statuses,
  ].join('\n')
}
