/**
 * Proves that a post due goes out once, and its first comment: workers are killed, answers lost, clocks moved, walls counted.
 *
 * `--short` takes the most telling faults, `--runs N` tries everything N times, `--network ID`, `--fault ID` and
 * `--subject posts|comments|both` aim at one, `--backend` takes one database, `--seed N` makes a run again, and `--write FILE`
 * puts the result into that file; `--verbose` tells of every post that did not simply go out. Exit code 1 where anything was lost or doubled.
 */
import { availableParallelism, cpus, totalmem } from 'node:os'
import { parseArgs } from 'node:util'
import { networks } from '#networks/registry.ts'
import { openArena } from '../prove/arena.ts'
import { everything, type Subject } from '../prove/fault.ts'
import type { Backend } from '../prove/ground.ts'
import { planOf } from '../prove/plan.ts'
import { chanceOf } from '../prove/random.ts'
import { figuresOf, isBad, lineOf, matrixOf, summaryOf } from '../prove/report.ts'
import { recount, runRound } from '../prove/round.ts'
import type { Run } from '../prove/verdict.ts'
import { installKit } from './kit.ts'
import { writeInto } from './page-result.ts'

const { values: options } = parseArgs({
  options: {
    short: { type: 'boolean', default: false },
    runs: { type: 'string', default: '1' },
    seed: { type: 'string' },
    network: { type: 'string' },
    fault: { type: 'string' },
    subject: { type: 'string' },
    backend: { type: 'string' },
    write: { type: 'string' },
    verbose: { type: 'boolean', default: false },
  },
})
const seed = Number(options.seed ?? Math.floor(Math.random() * 1_000_000))
const chosen = networks
  .map(({ definition }) => definition.id)
  .filter((id) => options.network === undefined || id === options.network)
if (chosen.length === 0) throw new Error(`no network ${options.network}`)
const subjects: Subject[] = everything.filter((id) => options.subject === undefined || id === options.subject)
if (subjects.length === 0) throw new Error(`no subject ${options.subject}`)
const startedAt = performance.now()
const runs = (await Promise.all(backends().map(prove))).flat()

const text = reportOf(runs)
if (options.write !== undefined) writeInto(options.write, text)
console.log(text)
const { lost, doubled, unfinished } = summaryOf(runs)
process.exit(lost + doubled + unfinished > 0 ? 1 : 0)

function backends(): Backend[] {
  const all: Backend[] = options.short ? ['server'] : ['server', 'embedded']
  const wanted = all.filter((backend) => options.backend === undefined || backend === options.backend)
  if (!wanted.includes('server') || installKit()) return wanted
  process.stderr.write(
    'The test kit, which brings a PostgreSQL server, cannot be installed: embedded only.\n',
  )
  return ['embedded']
}

async function prove(backend: Backend): Promise<Run[]> {
  const arena = await openArena(backend)
  const plan = planOf({
    backend,
    canCutPower: arena.canCutPower,
    networks: chosen,
    commented: chosen.filter((id) => arena.channels.some((one) => one.network === id && one.takesComment)),
    subjects,
    chance: chanceOf(seed),
    isShort: options.short,
    times: Number(options.runs),
    ...(options.fault === undefined ? {} : { only: options.fault }),
  })
  const found: Run[] = []
  try {
    for (const [index, { fault, subject, aim }] of plan.entries()) {
      const label = `${seed}-${index}`
      const before = performance.now()
      // Each round has its own: how often one drew before hangs on how far processes got.
      const chance = chanceOf(seed * 10_007 + index)
      const round = await runRound({ arena, fault, subject, aim, networks: chosen, chance, label })
      found.push(...round)
      const took = ((performance.now() - before) / 1_000).toFixed(1)
      process.stderr.write(
        `${backend} ${index + 1}/${plan.length} ${subject} ${fault.id} ${aim ?? ''} ${took} s\n`,
      )
      for (const run of round.filter((run) => isBad(run) || (options.verbose && run.verdict !== 'once')))
        process.stderr.write(`${lineOf(run)}\n`)
    }
    return await recount(arena, found)
  } finally {
    await arena.close()
  }
}

function reportOf(runs: readonly Run[]): string {
  const on = new Date().toISOString().slice(0, 10)
  const seeded = options.seed === undefined ? ['--seed', String(seed)] : []
  const command = ['npm run prove:delivery --', ...process.argv.slice(2), ...seeded].join(' ')
  const machine = `${availableParallelism()} cores (${cpus()[0]?.model.trim() ?? 'unknown'}), ${Math.round(totalmem() / 1e9)} GB, Node ${process.version}`
  const minutes = ((performance.now() - startedAt) / 60_000).toFixed(1)
  const wrong = runs.filter(isBad).map(lineOf)
  return [
    `Run on ${on} with \`${command}\` in ${minutes} minutes: ${machine}.`,
    '',
    figuresOf(runs),
    '',
    matrixOf(runs),
    ...(wrong.length > 0 ? ['', ...wrong.map((line) => `- ${line}`)] : []),
  ].join('\n')
}
