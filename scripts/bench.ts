/**
 * Measures start, memory, deliveries, the API and the size of the web app.
 *
 * `--short` takes fewer rounds, `--only WORD` the parts whose name holds it, `--json` prints JSON, and
 * `--write FILE` puts the tables into that file. A missed target is shown and fails nothing: machines differ.
 */
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os'
import { parseArgs } from 'node:util'
import { measureApi } from '../bench/api.ts'
import type { Backend } from '../bench/backends.ts'
import { measureDeliveries } from '../bench/deliveries.ts'
import { isMet, type Part, tableOf } from '../bench/figures.ts'
import { measureStart } from '../bench/start.ts'
import { buildWeb, measureWeb } from '../bench/web-size.ts'
import { measureWorkers } from '../bench/workers.ts'
import { installKit } from './kit.ts'
import { writeInto } from './page-result.ts'

const { values: options } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    short: { type: 'boolean', default: false },
    only: { type: 'string' },
    write: { type: 'string' },
  },
})

type Machine = { cores: number; model: string; memoryGb: number; node: string; load: string }

/** Other work on the machine shows in the load at the start. */
const machine: Machine = {
  cores: availableParallelism(),
  model: cpus()[0]?.model.trim() ?? 'unknown',
  memoryGb: Math.round(totalmem() / 1e9),
  node: process.version,
  load: loadavg()[0]?.toFixed(1) ?? '',
}
const on = new Date().toISOString().slice(0, 10)
const command = ['npm run bench', ...(process.argv.length > 2 ? ['--', ...process.argv.slice(2)] : [])].join(
  ' ',
)

const parts = await measureAll()
const text = [`${machineLine()}\n`, ...parts.map(tableOf)].join('\n')
if (options.write !== undefined) writeInto(options.write, text, 'figures')
console.log(
  options.json ? JSON.stringify({ on, command, machine, parts: parts.map(withVerdicts) }, null, 2) : text,
)
process.exit(0)

async function measureAll(): Promise<Part[]> {
  const webFailure = buildWeb()
  const hasServer = installKit()
  const measures: Array<{ name: string; backend?: Backend; run: (backend: Backend) => Promise<Part> }> = [
    { name: 'web', run: async () => measureWeb(webFailure) },
  ]
  for (const backend of ['embedded', 'server'] as const) {
    measures.push(
      { name: `deliveries-${backend}`, backend, run: (of) => measureDeliveries(of, options.short) },
      { name: `api-${backend}`, backend, run: (of) => measureApi(of, options.short) },
      { name: `start-${backend}`, backend, run: (of) => measureStart(of, options.short) },
    )
  }
  measures.push({ name: 'workers-server', backend: 'server', run: () => measureWorkers(options.short) })
  const found: Part[] = []
  for (const { name, backend, run } of measures) {
    if (options.only !== undefined && !name.includes(options.only)) continue
    process.stderr.write(`measuring ${name}\n`)
    found.push(
      backend === 'server' && !hasServer
        ? {
            title: name,
            figures: [],
            skipped: 'the test kit, which brings a PostgreSQL server, cannot be installed',
          }
        : await run(backend ?? 'embedded'),
    )
  }
  return found
}

function machineLine(): string {
  const { cores, model, memoryGb, node, load } = machine
  return `Measured on ${on} with \`${command}\`: ${cores} cores (${model}), ${memoryGb} GB, Node ${node}, load before ${load}.`
}

function withVerdicts(part: Part) {
  return { ...part, figures: part.figures.map((figure) => ({ ...figure, isMet: isMet(figure) })) }
}
