/**
 * Deliveries per second of one worker, against a bare loop that sends the same posts and against the least that a
 * durable queue does for them; and how late they start, also beside uploads that take long.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { warmUpCount } from './accounts.ts'
import { type Backend, backendEnv } from './backends.ts'
import type { BareInput } from './bare-process.ts'
import { type Figure, median, type Part, spread } from './figures.ts'
import { helper } from './processes.ts'
import { setFaults } from './sandbox.ts'
import type { WorkerAnswer, WorkerInput } from './worker-process.ts'

/** As many as a worker has in flight. */
const concurrency = 64

/** More than a worker has places. */
const slowUploads = 100

type Rate = { perSecond: number; cpuPer1000: number }
type Rounds = { count: number; bare: Rate[]; least: Rate[]; own: Rate[]; open: Rate[] }

export async function measureDeliveries(backend: Backend, isShort: boolean): Promise<Part> {
  const sandbox = await helper<{ url: string }>('sandbox-process.ts', {})
  const apiUrl = `${sandbox.answer.url}/_sandbox/x`
  try {
    const rounds = await measureRounds(backend, apiUrl, isShort ? 1 : 3, isShort ? 1_000 : 5_000)
    const oneSecond = { apiUrl, count: 1_000, within: 'one-second' } as const
    const late = await runWorker(backend, { ...oneSecond, leg: 'late' })
    await setFaults(sandbox.answer.url, [
      { network: 'x', match: { effect: 'upload' }, fault: 'slow', ms: 50_000, times: 'always' },
    ])
    const beside = await runWorker(backend, { ...oneSecond, leg: 'beside', slowUploads })
    return {
      title: `Deliveries, ${backend} database`,
      figures: [...rateFigures(backend, rounds), ...lateFigures(late, beside)],
    }
  } finally {
    await sandbox.stop()
  }
}

/** In turns, and who goes first alternates: the sandbox grows, and the machine warms up. */
async function measureRounds(
  backend: Backend,
  apiUrl: string,
  rounds: number,
  count: number,
): Promise<Rounds> {
  const found: Rounds = { count, bare: [], least: [], own: [], open: [] }
  const input = (leg: string): BareInput => ({ apiUrl, leg, count, concurrency })
  const work = (leg: string): WorkerInput => ({ apiUrl, leg, count, within: 'backlog' })
  for (let round = 0; round < rounds; round += 1) {
    const turns = [
      async () => found.bare.push((await helper<Rate>('bare-process.ts', input(`b${round}`))).answer),
      async () => found.least.push(await onDatabase<Rate>(backend, 'floor-process.ts', input(`f${round}`))),
      async () => found.own.push(await runWorker(backend, work(`w${round}`))),
      async () => found.open.push(await runWorker(backend, { ...work(`o${round}`), isDoorOpen: true })),
    ]
    for (const turn of round % 2 === 0 ? turns : turns.toReversed()) await turn()
  }
  return found
}

function runWorker(backend: Backend, input: WorkerInput): Promise<WorkerAnswer> {
  return onDatabase<WorkerAnswer>(backend, 'worker-process.ts', input, {
    LITFASS_ROLES: 'worker',
    LITFASS_SANDBOX: 'off',
    LITFASS_X_API_URL: input.apiUrl,
  })
}

/** A helper with an empty database of its own. */
async function onDatabase<Answer>(
  backend: Backend,
  file: string,
  input: unknown,
  env: Record<string, string> = {},
): Promise<Answer> {
  const dataDir = mkdtempSync(join(tmpdir(), 'litfass-bench-'))
  try {
    const place = { ...(await backendEnv(backend)), LITFASS_DATA_DIR: dataDir }
    return (await helper<Answer>(file, input, { ...env, ...place })).answer
  } finally {
    rmSync(dataDir, { recursive: true, force: true })
  }
}

function rateFigures(backend: Backend, { count, bare, least, own, open }: Rounds): Figure[] {
  const rates = (of: readonly Rate[]) => of.map(({ perSecond }) => perSecond)
  const cpu = (of: readonly Rate[]) => median(of.map(({ cpuPer1000 }) => cpuPer1000))
  const against = (of: readonly Rate[], others: readonly Rate[]) =>
    of.map(({ perSecond }, round) => perSecond / (others[round]?.perSecond ?? Number.NaN))
  const toBare = against(own, bare)
  const toLeast = against(own, least)
  const leastToBare = against(least, bare)
  const takenByDoor = against(own, open).map((ratio) => 1 - ratio)
  const where = backend === 'embedded' ? 'process and database' : 'process without the database server'
  return [
    {
      name: 'Ratio to a bare loop',
      value: median(toBare),
      unit: '',
      target: { atLeast: 0.25 },
      detail: `median; ${spread(toBare, 2)}; ${count} due text posts after ${warmUpCount} to warm up, concurrency ${concurrency}`,
    },
    {
      name: 'Ratio to the least of a queue',
      value: median(toLeast),
      unit: '',
      detail: `median; ${spread(toLeast, 2)}`,
    },
    {
      name: 'What the door takes of the rate',
      value: median(takenByDoor),
      unit: '',
      target: { atMost: 0.15 },
      detail: `median; ${spread(takenByDoor, 2)}; against the same worker without prices, budgets, ledger and pacing`,
    },
    { name: 'Deliveries', value: median(rates(own)), unit: 'per s', detail: `median; ${spread(rates(own))}` },
    {
      name: 'Bare loop',
      value: median(rates(bare)),
      unit: 'per s',
      detail: `median; ${spread(rates(bare))}; in turns with the worker`,
    },
    {
      name: 'Least of a durable queue',
      value: median(rates(least)),
      unit: 'per s',
      detail: `median; ${spread(rates(least))}; in turns too; three grouped commits of each job in one small table`,
    },
    {
      name: 'Its ratio to the bare loop',
      value: median(leastToBare),
      unit: '',
      detail: `median; ${spread(leastToBare, 2)}; what this database on this machine leaves of the bare loop`,
    },
    {
      name: 'CPU for 1,000 deliveries',
      value: cpu(own),
      unit: 's',
      detail: `${where}; least of a queue ${cpu(least).toFixed(2)} s, bare loop ${cpu(bare).toFixed(2)} s`,
    },
  ]
}

function lateFigures(late: WorkerAnswer, beside: WorkerAnswer): Figure[] {
  const most = { atMost: 1_000 }
  const by = `${slowUploads} pictures are being uploaded on other channels all the while`
  return [
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
      target: most,
      detail: 'of the same',
    },
    {
      name: 'Send lateness, p99',
      value: late.sendP99,
      unit: 'ms',
      detail: 'of the same, from due to the request leaving',
    },
    { name: 'Beside slow uploads, p50', value: beside.startP50, unit: 'ms', detail: `start lateness; ${by}` },
    {
      name: 'Beside slow uploads, p99',
      value: beside.startP99,
      unit: 'ms',
      target: most,
      detail: 'start lateness of the same',
    },
  ]
}
