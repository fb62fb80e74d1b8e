/** Where the server is: named by LITFASS_URL, or written down in the data folder by the one that runs there. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { LitfassError } from '#domain/errors.ts'

/** The few settings a client needs, read without what checks the server's settings: it loads slowly. */
export type Place = { dataDir: string; url: string | null; apiKey: string | null }

export function readPlace(environment: NodeJS.ProcessEnv = process.env): Place {
  const url = environment['LITFASS_URL'] || null
  if (url !== null && !/^https?:$/.test(URL.parse(url)?.protocol ?? '')) {
    throw new LitfassError('config_invalid', `LITFASS_URL is no web address: ${url}`, {
      remedy: 'Write it like http://127.0.0.1:3000.',
    })
  }
  return {
    dataDir: resolve(environment['LITFASS_DATA_DIR'] || './data'),
    url: url === null ? null : url.replace(/\/+$/, ''),
    apiKey: environment['LITFASS_API_KEY'] || null,
  }
}

/**
 * The address of the server that runs on this data folder; null where none does.
 *
 * Its file outlives a killed server, and its process number may be another program's by now, so the process
 * must live and the address answer as Litfass does. Throws `server_unreachable` where it does not answer at all.
 */
export async function runningServer(dataDir: string): Promise<string | null> {
  const written = readInstance(join(dataDir, 'server.json'))
  if (written === null || !isAlive(written.pid)) return null
  try {
    const answer = await fetch(`${written.url}/healthz`, { signal: AbortSignal.timeout(healthMs) })
    const body = (await answer.json()) as { ok?: unknown }
    return answer.ok && body.ok === true ? written.url : null
  } catch (cause) {
    // Refused or no JSON: it is gone. No answer: it may well be there, and must not be started a second time.
    if (!(cause instanceof Error && cause.name === 'TimeoutError')) return null
    throw new LitfassError('server_unreachable', `Litfass does not answer in time at ${written.url}`, {
      remedy: `Try again; if it stays, restart the process ${written.pid}.`,
      cause,
    })
  }
}

/** A busy server answers late; one that is gone refuses at once. */
const healthMs = 5_000

type Instance = { url: string; pid: number }

function readInstance(file: string): Instance | null {
  try {
    const { url, pid } = JSON.parse(readFileSync(file, 'utf8')) as Partial<Instance>
    return typeof url === 'string' && typeof pid === 'number' ? { url, pid } : null
  } catch {
    return null
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (cause) {
    return cause instanceof Error && 'code' in cause && cause.code === 'EPERM'
  }
}

/** The content of a small secret file; null where it is not there or cannot be read. */
export function readSecret(
  dataDir: string,
  name: 'api-key' | 'setup-token' | 'operator-token',
): string | null {
  const file = join(dataDir, name)
  try {
    return existsSync(file) ? readFileSync(file, 'utf8').trim() || null : null
  } catch {
    return null
  }
}

export function keepKey(dataDir: string, apiKey: string): void {
  writeFileSync(join(dataDir, 'api-key'), apiKey, { mode: 0o600 })
}
