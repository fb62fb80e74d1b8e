/**
 * Proves the meter: what the ledger says was spent is what the simulated X charged, no call gets past a budget, and
 * every request the network saw stands in the ledger.
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { sql } from 'kysely'
import { newId } from '#domain/id.ts'
import { fromMicros, toMicros } from '#domain/money.ts'
import { type Database, openDatabase } from '#storage/database.ts'
import { checkLedger, type LedgerCheck } from '#storage/ledger-check.ts'
import { migrate } from '#storage/migrate.ts'
import { freshServerDatabase } from '#test/support/databases.ts'
import type { MeterAnswer, MeterInput } from './meter-process.ts'
import { start } from './processes.ts'
import { chanceOf } from './random.ts'

/** Two processes, so many calls at once in each. */
const processes = 2
const concurrency = 50

export type Leg = {
  name: string
  calls: number
  /** The simulator’s bill and the ledger’s charges of this leg, in USD. */
  billed: string
  metered: string
  /** Of what was metered, charges for answers that were lost. */
  assumed: string
  overBudget: number
  lost: number
  byStatus: Record<string, number>
  /** Requests the network saw, and opening entries in the ledger. */
  seen: number
  recorded: number
  seconds: number
  ledger: Pick<LedgerCheck, 'entries' | 'unsettled'> & { faults: number }
  isRight: boolean
}

type Ground = { database: Database; databaseUrl: string; url: string; dataDir: string; seed: number }

export type MeterOptions = { seed: number; calls: number; lossyCalls: number }

export async function proveMeter({ seed, calls, lossyCalls }: MeterOptions): Promise<Leg[]> {
  const sandbox = await start<{ url: string }>('sandbox-process.ts', {})
  const databaseUrl = await freshServerDatabase()
  const dataDir = mkdtempSync(join(tmpdir(), 'litfass-meter-'))
  const database = await openDatabase({ dataDir, databaseUrl })
  try {
    await migrate(database, { now: new Date() })
    const ground = { database, databaseUrl, dataDir, url: sandbox.ready.url, seed }
    return [await answeredLeg(ground, calls), await lossyLeg(ground, lossyCalls), await budgetLeg(ground)]
  } finally {
    await database.close()
    await sandbox.kill()
    rmSync(dataDir, { recursive: true, force: true })
  }
}

/** Refusals, too many calls, outages and slow answers: all of them answers, so every cent is known. */
async function answeredLeg(ground: Ground, calls: number): Promise<Leg> {
  const faults = ['error', 'throttled', 'outage', 'slow', 'unauthorised']
  const leg = await run(ground, { name: 'refusals and outages', calls, faults })
  return { ...leg, isRight: isWhole(leg) && leg.billed === leg.metered && leg.assumed === '0.000' }
}

/** Lost and cut answers: nobody knows what they cost, so they count for the most they could. */
async function lossyLeg(ground: Ground, calls: number): Promise<Leg> {
  const faults = ['lost-before', 'lost-after', 'cut-body']
  const leg = await run(ground, { name: 'lost and cut answers', calls, faults })
  const [billed, metered, assumed] = [toMicros(leg.billed), toMicros(leg.metered), toMicros(leg.assumed)]
  return { ...leg, isRight: isWhole(leg) && metered >= billed && metered - billed <= assumed && leg.lost > 0 }
}

/** A budget for a hundred posts with a link, and twice as many that want to go out at once. */
async function budgetLeg(ground: Ground): Promise<Leg> {
  const leg = await run(ground, { name: 'the end of a budget', calls: 1_000, faults: [], budget: '20' })
  return { ...leg, isRight: isWhole(leg) && leg.billed === '20.000' && leg.metered === '20.000' }
}

const isWhole = ({ seen, recorded, ledger }: Leg) =>
  seen === recorded && ledger.faults === 0 && ledger.unsettled === 0

type Plan = { name: string; calls: number; faults: readonly string[]; budget?: string }

async function run(ground: Ground, { name, calls, faults, budget }: Plan): Promise<Leg> {
  const workspaceId = await newWorkspace(ground.database, budget)
  const control = controlOf(ground.url)
  await control.put([{ network: 'x', fault: 'quota', remaining: 1_000_000_000 }])
  const workers = await Promise.all(
    Array.from({ length: processes }, (_, index) =>
      startWorker({
        apiUrl: `${ground.url}/_sandbox/x`,
        dataDir: ground.dataDir,
        databaseUrl: ground.databaseUrl,
        workspaceId,
        name: `${workspaceId.slice(-6)}${index}`,
        seed: ground.seed + index,
        count: calls / processes,
        concurrency,
        isOnlyPosts: budget !== undefined,
      }),
    ),
  )
  const before = { billed: await control.bill(), seen: await control.seen() }
  const startedAt = performance.now()
  const stirring = new AbortController()
  const stirred = stir(control, faults, ground.seed, stirring.signal)
  const answers = await Promise.all(workers.map((worker) => worker.go()))
  const seconds = (performance.now() - startedAt) / 1_000
  stirring.abort()
  await stirred
  await control.put([])
  const billed = fromMicros(toMicros(await control.bill()) - toMicros(before.billed))
  const sums = await sumsOf(ground.database, workspaceId)
  const check = await checkLedger(ground.database.db, workspaceId)
  const sum = (field: 'overBudget' | 'lost' | 'made') => answers.reduce((total, one) => total + one[field], 0)
  return {
    name,
    calls: sum('made'),
    billed,
    metered: sums.metered,
    assumed: sums.assumed,
    overBudget: sum('overBudget'),
    lost: sum('lost'),
    byStatus: addUp(answers.map(({ byStatus }) => byStatus)),
    seen: (await control.seen()) - before.seen,
    recorded: sums.recorded,
    seconds,
    ledger: { entries: check.entries, unsettled: check.unsettled, faults: check.faults.length },
    isRight: false,
  }
}

async function newWorkspace({ db }: Database, budget: string | undefined): Promise<string> {
  const now = new Date()
  const id = newId('wsp', now)
  await sql`insert into workspace (id, name, created_at) values (${id}, 'Proof', ${now})`.execute(db)
  if (budget !== undefined)
    await sql`insert into budget (id, workspace_id, network, period, amount, currency, created_by, created_at, updated_at)
      values (${newId('bud', now)}, ${id}, 'x', 'month', ${budget}, 'USD', 'mbr_proof', ${now}, ${now})`.execute(
      db,
    )
  return id
}

type Sums = { metered: string; assumed: string; recorded: number }

async function sumsOf({ db }: Database, workspaceId: string): Promise<Sums> {
  const { rows } = await sql<Sums>`
    select coalesce(sum(amount), 0)::text as metered,
      coalesce(sum(amount) filter (where is_assumed), 0)::text as assumed,
      (select count(*)::int from access_record where workspace_id = ${workspaceId} and kind = 'open') as recorded
    from charge where workspace_id = ${workspaceId}`.execute(db)
  const [sums] = rows
  if (!sums) throw new Error('no sums')
  const exact = (amount: string) => fromMicros(toMicros(amount))
  return { ...sums, metered: exact(sums.metered), assumed: exact(sums.assumed) }
}

function addUp(all: ReadonlyArray<Record<string, number>>): Record<string, number> {
  const total: Record<string, number> = {}
  for (const one of all)
    for (const [status, count] of Object.entries(one)) total[status] = (total[status] ?? 0) + count
  return total
}

/** Signs its accounts in, and waits to be told to go. */
async function startWorker(input: MeterInput): Promise<{ go: () => Promise<MeterAnswer> }> {
  const path = fileURLToPath(new URL('meter-process.ts', import.meta.url))
  const child = spawn(process.execPath, [path, JSON.stringify(input)], { stdio: ['pipe', 'pipe', 'inherit'] })
  process.once('exit', () => child.kill('SIGKILL'))
  const lines: string[] = []
  let wake = () => {}
  let text = ''
  child.stdout.on('data', (bytes: Buffer) => {
    text += bytes.toString()
    const parts = text.split('\n')
    text = parts.pop() ?? ''
    lines.push(...parts)
    wake()
  })
  child.once('exit', () => wake())
  const line = async () => {
    while (lines.length === 0) {
      if (child.exitCode !== null) throw new Error('a process of the proof ended early')
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
    return lines.shift() ?? ''
  }
  await line()
  return {
    go: async () => {
      child.stdin.write('go\n')
      return JSON.parse(await line()) as MeterAnswer
    },
  }
}

type Control = ReturnType<typeof controlOf>

function controlOf(url: string) {
  const ask = async (method: string, path: string, body?: unknown) => {
    const answer = await fetch(`${url}/_sandbox${path}`, {
      method,
      ...(body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    })
    if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${await answer.text()}`)
    return answer.json()
  }
  return {
    put: (rules: readonly unknown[]) => ask('PUT', '/faults', rules),
    add: (rule: unknown) => ask('POST', '/faults', rule),
    bill: async (): Promise<string> => {
      const { items } = (await ask('GET', '/bill?network=x')) as { items: Array<{ total: string }> }
      return items[0]?.total ?? '0'
    },
    seen: async (): Promise<number> => {
      const { items } = (await ask('GET', '/requests?network=x')) as { items: Array<{ number: number }> }
      return items.reduce((most, { number }) => Math.max(most, number), 0)
    },
  }
}

/** Puts faults before the calls for as long as they run, a few at a time. */
async function stir(control: Control, faults: readonly string[], seed: number, signal: AbortSignal) {
  const chance = chanceOf(seed)
  while (!signal.aborted && faults.length > 0) {
    const fault = chance.pick(faults)
    const more = { error: { error: '403' }, slow: { ms: 30 } }[fault] ?? {}
    const effect = chance.pick(['publish', 'read'])
    await control.add({
      id: 'stir',
      network: 'x',
      match: { effect },
      fault,
      times: 1 + chance.below(10),
      ...more,
    })
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
