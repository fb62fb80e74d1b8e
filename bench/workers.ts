/** What a second and a fourth worker process bring, on one PostgreSQL server. */
import { mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { backendEnv } from './backends.ts'
import type { CrowdAnswer, CrowdInput } from './crowd-process.ts'
import { type Figure, median, type Part, spread } from './figures.ts'
import { helper } from './processes.ts'
import { setFaults, wallTexts } from './sandbox.ts'

const crowds = [1, 2, 4] as const

export async function measureWorkers(isShort: boolean): Promise<Part> {
  const rounds = isShort ? 1 : 2
  const count = isShort ? 2_000 : 10_000
  const sandbox = await helper<{ url: string }>('sandbox-process.ts', {})
  const rates = new Map<number, number[]>(crowds.map((workers) => [workers, []]))
  try {
    // Accounts of their own would be many: here it is no matter what one of them may post.
    await setFaults(sandbox.answer.url, [{ network: 'x', fault: 'quota', remaining: 1_000_000 }])
    for (let round = 0; round < rounds; round += 1) {
      for (const workers of round % 2 === 0 ? crowds : crowds.toReversed()) {
        const leg = `c${round}_${workers}`
        rates.get(workers)?.push(await runCrowd(sandbox.answer.url, { leg, workers, count }))
      }
    }
    return { title: 'Several workers, server database', figures: figuresOf(count, rates) }
  } finally {
    await sandbox.stop()
  }
}

/** Deliveries per second of all together. Throws unless every one was published, and once. */
async function runCrowd(sandboxUrl: string, crowd: Omit<CrowdInput, 'apiUrl'>): Promise<number> {
  const apiUrl = `${sandboxUrl}/_sandbox/x`
  const dataDir = mkdtempSync(join(tmpdir(), 'litfass-bench-'))
  const env = {
    ...(await backendEnv('server')),
    LITFASS_DATA_DIR: dataDir,
    LITFASS_ROLES: 'worker',
    LITFASS_SANDBOX: 'off',
    LITFASS_X_API_URL: apiUrl,
  }
  const startedAt = new Date()
  const others = await Promise.all(
    Array.from({ length: crowd.workers - 1 }, () => helper<{ isReady: true }>('more-process.ts', {}, env)),
  )
  try {
    const { answer } = await helper<CrowdAnswer>('crowd-process.ts', { ...crowd, apiUrl }, env)
    const texts = await wallTexts(sandboxUrl, startedAt)
    if (texts.length !== answer.texts || new Set(texts).size !== answer.texts)
      throw new Error(`${answer.texts} deliveries made ${texts.length} posts`)
    return answer.perSecond
  } finally {
    await Promise.all(others.map(({ stop }) => stop()))
    rmSync(dataDir, { recursive: true, force: true })
  }
}

function figuresOf(count: number, rates: ReadonlyMap<number, readonly number[]>): Figure[] {
  const of = (workers: number) => rates.get(workers) ?? []
  return crowds.flatMap((workers): Figure[] => {
    const name = workers === 1 ? 'One worker' : `${workers} workers`
    const rate: Figure = {
      name,
      value: median(of(workers)),
      unit: 'per s',
      detail:
        workers === 1
          ? `median; ${spread(of(workers))}; ${count} deliveries due at one instant over 240 channels, each published once`
          : `median; ${spread(of(workers))}; the same`,
    }
    if (workers === 1) return [rate]
    const gain = median(of(workers).map((perSecond, round) => perSecond / (of(1)[round] ?? Number.NaN)))
    const detail = `processes of their own, which share ${availableParallelism()} cores with sandbox and database`
    return [rate, { name: `${workers} workers to one`, value: gain, unit: '', detail }]
  })
}
