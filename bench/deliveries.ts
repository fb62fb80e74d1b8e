/** Deliveries per second of one worker, against a bare loop that sends the same posts; and how late they start. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { warmUpCount } from './accounts.ts'
import { type Backend, backendEnv } from './backends.ts'
import type { BareInput } from './bare-process.ts'
import { median, type Part, spread } from './figures.ts'
import { helper } from './processes.ts'
import type { WorkerAnswer, WorkerInput } from './worker-process.ts'

/** As many as a worker has in flight. */
const concurrency = 64

type Bare = { perSecond: number; cpuPer1000: number }

export async function measureDeliveries(backend: Backend, isShort: boolean): Promise<Part> {
  const rounds = isShort ? 1 : 5
  const count = isShort ? 1_000 : 5_000
  const sandbox = await helper<{ url: string }>('sandbox-process.ts', {})
  const apiUrl = `${sandbox.answer.url}/_sandbox/x`
  const bare: Bare[] = []
  const own: WorkerAnswer[] = []
  try {
    const oneBare = async (round: number) =>
      bare.push((await runBare({ apiUrl, leg: `b${round}`, count, concurrency })).answer)
    const oneOwn = async (round: number) =>
      own.push(await runWorker(backend, { apiUrl, leg: `w${round}`, count, within: 'backlog' }))
    for (let round = 0; round < rounds; round += 1) {
      // Who goes first alternates: the sandbox grows, and the machine warms up.
      const order = round % 2 === 0 ? [oneBare, oneOwn] : [oneOwn, oneBare]
      for (const one of order) await one(round)
    }
    const late = await runWorker(backend, { apiUrl, leg: 'late', count: 1_000, within: 'one-second' })
    return partOf(backend, count, bare, own, late)
  } finally {
    await sandbox.stop()
  }
}

function runBare(input: BareInput) {
  return helper<Bare>('bare-process.ts', input)
}

async function runWorker(backend: Backend, input: WorkerInput): Promise<WorkerAnswer> {
  const dataDir = mkdtempSync(join(tmpdir(), 'litfass-bench-'))
  try {
    const done = await helper<WorkerAnswer>('worker-process.ts', input, {
      ...(await backendEnv(backend)),
      LITFASS_DATA_DIR: dataDir,
      LITFASS_ROLES: 'worker',
      LITFASS_SANDBOX: 'off',
      LITFASS_X_API_URL: input.apiUrl,
    })
    return done.answer
  } finally {
    rmSync(dataDir, { recursive: true, force: true })
  }
}

function partOf(
  backend: Backend,
  count: number,
  bare: readonly Bare[],
  own: readonly WorkerAnswer[],
  late: WorkerAnswer,
): Part {
  const ratios = own.map(({ perSecond }, round) => perSecond / (bare[round]?.perSecond ?? Number.NaN))
  const rates = own.map(({ perSecond }) => perSecond)
  const bareRates = bare.map(({ perSecond }) => perSecond)
  const database = backend === 'embedded' ? 'worker and database' : 'worker without the database server'
  return {
    title: `Deliveries, ${backend} database`,
    figures: [
      {
        name: 'Ratio to a bare loop',
        value: median(ratios),
        unit: '',
        target: { atLeast: 0.25 },
        detail: `median; ${spread(ratios, 2)}; ${count} due text posts after ${warmUpCount} to warm up, concurrency ${concurrency}`,
      },
      { name: 'Deliveries', value: median(rates), unit: 'per s', detail: `median; ${spread(rates)}` },
      {
        name: 'Bare loop',
        value: median(bareRates),
        unit: 'per s',
        detail: `median; ${spread(bareRates)}; in turns with the worker`,
      },
      {
        name: 'CPU for 1,000 deliveries',
        value: median(own.map(({ cpuPer1000 }) => cpuPer1000)),
        unit: 's',
        detail: `${database}; bare loop ${median(bare.map(({ cpuPer1000 }) => cpuPer1000)).toFixed(2)} s`,
      },
      {
        name: 'Start lateness, p50',
        value: late.startP50,
        unit: 'ms',
        detail: '1,000 due within one second, from due to claimed',
      },
      {
        name: 'Start lateness, p99',
        value: late.startP99,
        unit: 'ms',
        target: { atMost: 1_000 },
        detail: 'of the same',
      },
      {
        name: 'Send lateness, p99',
        value: late.sendP99,
        unit: 'ms',
        detail: 'of the same, from due to the request leaving',
      },
    ],
  }
}
