/** Talking to the API: of the running server, or of one started inside this command where none runs. */
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { basename } from 'node:path'
import { LitfassError } from '#domain/errors.ts'
import type { Product } from '#main/main.ts'
import { keepKey, type Place, readPlace, readSecret, runningServer } from './place.ts'
import type { MediaFile } from './shapes.ts'

export type Api = {
  call: <Answer>(method: Method, path: string, body?: unknown) => Promise<Answer>
  upload: (file: string) => Promise<MediaFile>
  /** False where this command opened the database itself, and closes it when it is done. */
  isServerRunning: boolean
}
type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

type ProblemDocument = {
  code: string
  title: string
  remedy: string
  issues?: ReadonlyArray<{ path: string; message: string }>
}

/** What the server refused, with its whole problem document. */
export class ServerProblem extends Error {
  override name = 'ServerProblem'
  readonly problem: ProblemDocument

  constructor(problem: ProblemDocument) {
    super(problem.title)
    this.problem = problem
  }
}

/** `worker` where something must go out before the command ends. */
export async function withApi<T>(
  run: (api: Api) => Promise<T>,
  needs: { worker?: boolean } = {},
): Promise<T> {
  const place = readPlace()
  const url = place.url ?? (await runningServer(place.dataDir))
  if (url !== null) return run(apiAt(url, place, true))
  return withProduct(needs.worker ? ['serve', 'worker'] : ['serve'], (_product, address) =>
    run(apiAt(address, place, false)),
  )
}

/** Starts the product on this machine's own address only, and closes it in the end. */
export async function withProduct<T>(
  roles: ReadonlyArray<'serve' | 'worker'>,
  run: (product: Product, address: string) => Promise<T>,
): Promise<T> {
  const [{ readConfig }, { startProduct }] = await Promise.all([
    import('#main/config.ts'),
    import('#main/main.ts'),
  ])
  const config = readConfig(process.env)
  const host = '127.0.0.1'
  // The usual port where it is free, so that addresses which sandbox networks answer stay good.
  const port = (await isFree(host, config.port)) ? config.port : 0
  const product = await startProduct({ ...config, host, port, roles }, { log: complain, web: 'none' })
  try {
    return await run(product, addressOf(product) ?? '')
  } finally {
    await product.close()
  }
}

/** A server's log has no other place here, and only its errors matter. */
function complain(event: Record<string, unknown>): void {
  if (event['level'] === 'error') process.stderr.write(`${JSON.stringify(event)}\n`)
}

/** Where this machine reaches the product's server; null where it has none. */
function addressOf(product: Product): string | null {
  const [listening] = product.server?.addresses() ?? []
  if (typeof listening !== 'object') return null
  const { address, port } = listening
  if (address === '0.0.0.0' || address === '::') return `http://localhost:${port}`
  return `http://${address.includes(':') ? `[${address}]` : address}:${port}`
}

export function isFree(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen(port, host, () => probe.close(() => resolve(true)))
  })
}

function apiAt(url: string, place: Place, isServerRunning: boolean): Api {
  const authorised = keyring(url, place)
  return {
    isServerRunning,
    call: (method, path, body) => authorised((key) => send(url, `/api/v1${path}`, { method, key, body })),
    upload: async (file) => {
      const bytes = await readFile(file).catch((cause: unknown) => {
        throw new LitfassError('media_unreadable', `${file} cannot be read`, {
          remedy: 'Check the path.',
          cause,
        })
      })
      const body = new FormData()
      body.set('file', new File([bytes], basename(file)))
      return authorised((key) => send(url, '/api/v1/media', { method: 'POST', key, body }))
    },
  }
}

/**
 * Runs a request with the key at hand: of the environment, or of the data folder.
 *
 * Who can read the data folder of the server is its operator, so where no key lies there, or one that is
 * revoked, the server hands out another; nobody is locked out of their own machine.
 */
function keyring(url: string, place: Place): <T>(request: (key: string) => Promise<T>) => Promise<T> {
  const token = place.url === null ? readSecret(place.dataDir, 'operator-token') : null
  let key = place.apiKey ?? readSecret(place.dataDir, 'api-key')
  const renew = async (operatorToken: string): Promise<string> => {
    const made = await send<{ apiKey: string }>(url, '/api/v1/operator-key', {
      method: 'POST',
      headers: { 'x-operator-token': operatorToken },
    })
    keepKey(place.dataDir, made.apiKey)
    return made.apiKey
  }
  return async (request) => {
    if (key === null && token !== null) key = await renew(token)
    if (key === null) {
      throw new LitfassError('not_initialised', 'There is no API key here yet', {
        remedy: 'Run `litfass init` first, or set LITFASS_API_KEY.',
      })
    }
    try {
      return await request(key)
    } catch (cause) {
      const isRefused = cause instanceof ServerProblem && cause.problem.code === 'not_signed_in'
      if (!isRefused || token === null || place.apiKey !== null) throw cause
      key = await renew(token)
      return request(key)
    }
  }
}

export type Sending = {
  method: Method
  key?: string
  body?: unknown
  headers?: Record<string, string>
}

/** One request and its answer. Throws `ServerProblem`, or `server_unreachable`. */
export async function send<Answer>(url: string, path: string, sending: Sending): Promise<Answer> {
  const { body, key } = sending
  const isForm = body instanceof FormData
  const answer = await fetch(url + path, {
    method: sending.method,
    headers: {
      accept: 'application/json',
      ...sending.headers,
      ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
      ...(body === undefined || isForm ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: isForm ? body : JSON.stringify(body) }),
  }).catch((cause: unknown) => {
    throw new LitfassError('server_unreachable', `Litfass does not answer at ${url}`, {
      remedy: 'Start it with `npm start`, or correct LITFASS_URL.',
      cause,
    })
  })
  const value = parse(await answer.text())
  if (answer.ok && value !== null) return value as Answer
  if (value !== null && typeof value['code'] === 'string') {
    throw new ServerProblem({
      ...value,
      code: value['code'],
      title: textOr(value['title'], `The server answered ${answer.status}`),
      remedy: textOr(value['remedy'], 'See the log of the server.'),
    })
  }
  throw new LitfassError(
    'server_unreachable',
    `What answers at ${url} is not Litfass (status ${answer.status})`,
    {
      remedy:
        'A proxy or another program stands there: correct LITFASS_URL, or look at the log of the proxy.',
    },
  )
}

function textOr(value: unknown, otherwise: string): string {
  return typeof value === 'string' ? value : otherwise
}

/** Null for what is no JSON object. */
function parse(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null
  } catch {
    return null
  }
}

/** A path whose parts are encoded: `` at`/posts/${id}` ``. */
export function at(texts: TemplateStringsArray, ...parts: string[]): string {
  return texts.map((text, index) => text + encodeURIComponent(parts[index] ?? '')).join('')
}

/** `?name=value&…` of what is set; empty where nothing is. */
export function query(values: Record<string, string | number | boolean | undefined>): string {
  const set = new URLSearchParams()
  for (const [name, value] of Object.entries(values)) if (value !== undefined) set.set(name, String(value))
  return set.size === 0 ? '' : `?${set.toString()}`
}
