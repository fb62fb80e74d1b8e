/** How long the product takes to be ready, and what it takes while nothing happens. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Backend, backendEnv } from './backends.ts'
import { type Figure, median, type Part, spread } from './figures.ts'
import { cpuSeconds, hasProc, residentMb, serve } from './processes.ts'

type Sample = { readyMs: number; rssMb: number; cpuPercent: number }
type Plan = { rounds: number; idleMs: number }

const memoryTarget: Record<Backend, number> = { embedded: 600, server: 220 }
const cpuWindowMs = 10_000

export async function measureStart(backend: Backend, isShort: boolean): Promise<Part> {
  const plan: Plan = isShort ? { rounds: 1, idleMs: 5_000 } : { rounds: 3, idleMs: 30_000 }
  const first: Sample[] = []
  const later: Sample[] = []
  for (let round = 0; round < plan.rounds; round += 1) {
    const dataDir = mkdtempSync(join(tmpdir(), 'litfass-bench-'))
    const env = { ...(await backendEnv(backend)), LITFASS_DATA_DIR: dataDir }
    try {
      // Memory is read once per kind of start, which is what takes long.
      first.push(await sample(env, round === 0 ? plan.idleMs : 0))
      later.push(await sample(env, round === 0 ? plan.idleMs : 0), await sample(env, 0))
    } finally {
      rmSync(dataDir, { recursive: true, force: true })
    }
  }
  return {
    title: `Start and rest, ${backend} database`,
    figures: [...readyFigures(first, later), ...restFigures(backend, plan, first[0], later[0])],
  }
}

async function sample(env: Record<string, string>, idleMs: number): Promise<Sample> {
  const product = await serve(env)
  try {
    if (idleMs === 0 || !hasProc) return { readyMs: product.readyMs, rssMb: 0, cpuPercent: 0 }
    await sleep(idleMs)
    const rssMb = residentMb(product.pid)
    const before = cpuSeconds(product.pid)
    await sleep(cpuWindowMs)
    const cpuPercent = ((cpuSeconds(product.pid) - before) / (cpuWindowMs / 1_000)) * 100
    return { readyMs: product.readyMs, rssMb, cpuPercent }
  } finally {
    await product.stop()
  }
}

function readyFigures(first: readonly Sample[], later: readonly Sample[]): Figure[] {
  const seconds = (samples: readonly Sample[]) => samples.map(({ readyMs }) => readyMs / 1_000)
  return [
    {
      name: 'First start to ready',
      value: median(seconds(first)),
      unit: 's',
      target: { atMost: 12 },
      detail: `median; ${spread(seconds(first), 2)}, into an empty data folder`,
    },
    {
      name: 'Later start to ready',
      value: median(seconds(later)),
      unit: 's',
      target: { atMost: 3 },
      detail: `median; ${spread(seconds(later), 2)}`,
    },
  ]
}

function restFigures(backend: Backend, plan: Plan, first?: Sample, later?: Sample): Figure[] {
  if (!hasProc || !first || !later) return []
  const rest = `${plan.idleMs / 1_000} s after ready, whole process tree`
  return [
    ...(
      [
        ['first', first],
        ['later', later],
      ] as const
    ).map(([name, { rssMb }]) => ({
      name: `Memory at rest, ${name} start`,
      value: Math.round(rssMb),
      unit: 'MB',
      target: { atMost: memoryTarget[backend] },
      detail: `resident, ${rest}`,
    })),
    {
      name: 'CPU at rest',
      value: later.cpuPercent,
      unit: '%',
      detail: `of one core, over ${cpuWindowMs / 1_000} s`,
    },
  ]
}
