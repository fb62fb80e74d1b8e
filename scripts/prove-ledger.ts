/**
 * Proves that every request a network saw stands in the access ledger, and that a changed byte is found.
 *
 * `--short` makes fewer posts and changes, `--seed N` makes a run again, `--write FILE` puts the result into that file.
 * Exit code 1 where something is not so.
 */
import { parseArgs } from 'node:util'
import { type LedgerProof, proveLedger } from '../prove/ledger.ts'
import { writeInto } from './page-result.ts'

const { values: options } = parseArgs({
  options: {
    short: { type: 'boolean', default: false },
    seed: { type: 'string' },
    write: { type: 'string' },
  },
})
const seed = Number(options.seed ?? Math.floor(Math.random() * 1_000_000))
const proof = await proveLedger(
  options.short ? { seed, posts: 4, changes: 2 } : { seed, posts: 40, changes: 25 },
)
const text = reportOf(proof)
if (options.write !== undefined) writeInto(options.write, text)
console.log(text)
process.exit(proof.isRight ? 0 : 1)

function reportOf({ networks, columns, removed, entries, isRight }: LedgerProof): string {
  const changed = columns.reduce((sum, one) => sum + one.changed, 0)
  const found = columns.reduce((sum, one) => sum + one.found, 0)
  const missed = columns.filter((one) => one.found < one.changed).map(({ column }) => column)
  return [
    `Run on ${new Date().toISOString().slice(0, 10)} with \`npm run prove:ledger -- --seed ${seed}${options.short ? ' --short' : ''}\`: ${isRight ? 'right' : 'NOT right'}.`,
    '',
    '| network | requests it saw | kept at the door | opening entries | settling entries |',
    '|---|---|---|---|---|',
    ...networks.map(
      (one) => `| ${one.network} | ${one.seen} | ${one.unsent} | ${one.opened} | ${one.settled} |`,
    ),
    '',
    `- smallest changes of ${columns.length} columns, in ${entries} entries: ${changed}; found: ${found}${missed.length === 0 ? '' : `; missed: ${missed.join(', ')}`}`,
    `- entries taken away: ${removed.taken}; found: ${removed.found}`,
  ].join('\n')
}
