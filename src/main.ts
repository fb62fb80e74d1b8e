/** The composition root: config, storage, networks, engine, http. Everything is built here and nowhere else. */
import { createHmac, randomBytes } from 'node:crypto'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { sql } from 'kysely'
import { openChannel, openPayload } from '#app/channel-access.ts'
import type { System } from '#app/system.ts'
import { newId } from '#domain/id.ts'
import { createDispatcher, type Dispatcher } from '#engine/dispatch.ts'
import { measureDue } from '#engine/measure.ts'
import { createLedger } from '#engine/meter.ts'
import { createServer } from '#http/server.ts'
import type { LoginMethod, NetworkHosts } from '#networks/contract.ts'
import { loadSimulator, loginById, networks } from '#networks/registry.ts'
import type { Simulator } from '#networks/sandbox-kit.ts'
import { sandboxDoor } from '#sandbox/door.ts'
import { createSandboxHost, type SandboxHost } from '#sandbox/host.ts'
import { fetchMedia } from '#sandbox/media.ts'
import { type Database, openDatabase } from '#storage/database.ts'
import { writeBackup } from '#storage/backup.ts'
import { migrate } from '#storage/migrate.ts'
import { createSealer } from '#storage/seal.ts'
import { type Config, readMasterKey } from './config.ts'

export type Product = {
  system: System
  database: Database
  url: string
  server: FastifyInstance | null
  dispatcher: Dispatcher | null
  close: () => Promise<void>
}

export type ProductOptions = { now?: () => Date; log?: (event: Record<string, unknown>) => void }

/** Opens storage, migrates it and starts what `ROLES` names. */
export async function startProduct(config: Config, options: ProductOptions = {}): Promise<Product> {
  const now = options.now ?? (() => new Date())
  const log = options.log ?? (() => {})
  mkdirSync(config.dataDir, { recursive: true })
  const masterKey = readMasterKey(config.masterKeyFile)
  const database = await openDatabase({
    dataDir: config.dataDir,
    ...(config.databaseUrl === undefined ? {} : { databaseUrl: config.databaseUrl }),
  })
  await migrate(database, {
    now: now(),
    beforeUpgrade: () =>
      backUp(database, config.dataDir, now()).then((file) =>
        log({ level: 'info', event: 'backup-written', file }),
      ),
  })
  const simulators = config.hasSandbox ? await loadSimulators() : new Map<string, Simulator>()
  let origin = config.origin
  let dispatcher: Dispatcher | null = null
  const system: System = {
    db: database.db,
    sealer: createSealer(masterKey),
    ledger: createLedger(database.db),
    now,
    get origin() {
      return origin
    },
    mediaDir: join(config.dataDir, 'media'),
    mediaKey: createHmac('sha256', masterKey).update('media').digest(),
    networks,
    loginById,
    hostsOf: (network, login, isSandbox) => {
      const simulator = simulators.get(network.definition.id)
      return isSandbox && simulator
        ? simulator.sandboxHosts(login, `${origin}/_sandbox/${network.definition.id}`)
        : withSettings(login, config.env)
    },
    appFromEnvironment: (login) => {
      const clientId = config.env[`${login.settings}_CLIENT_ID`]
      const clientSecret = config.env[`${login.settings}_CLIENT_SECRET`]
      return clientId && clientSecret ? { clientId, clientSecret } : null
    },
    hasSandbox: config.hasSandbox,
    backUp: () => backUp(database, config.dataDir, now()),
    wake: () => dispatcher?.wake(),
  }
  const closers: Array<() => Promise<void>> = []
  let server: FastifyInstance | null = null
  if (config.roles.includes('serve')) {
    const host = config.hasSandbox ? sandboxHost(config, simulators, now, () => origin) : null
    server = await createServer({
      system,
      sandbox: host ? sandboxDoor(host) : null,
      setupToken: newToken(setupTokenFile(config)),
      operatorToken: newToken(join(config.dataDir, 'operator-token')),
      onError: (cause, requestId) =>
        log({ level: 'error', event: 'request-failed', requestId, error: describe(cause) }),
    })
    const address = await server.listen({ host: config.host, port: config.port })
    if (config.port === 0 && config.env['ORIGIN'] === undefined) origin = address
    writeFileSync(serverFile(config), JSON.stringify({ url: address, pid: process.pid }))
    closers.push(async () => {
      rmSync(serverFile(config), { force: true })
      await server?.close()
      host?.close()
    })
  }
  if (config.roles.includes('worker')) {
    dispatcher = startWorker(system, database, log, closers)
  }
  return {
    system,
    database,
    url: origin,
    server,
    dispatcher,
    close: async () => {
      for (const close of closers.toReversed()) await close()
      await database.close()
    },
  }
}

/** Writes a backup of everything but media files into the data folder and returns its path. */
export async function backUp(database: Database, dataDir: string, now: Date): Promise<string> {
  const folder = join(dataDir, 'backups')
  mkdirSync(folder, { recursive: true })
  const target = join(folder, `${now.toISOString().replaceAll(':', '-')}.backup`)
  await writeBackup(database, target, { now })
  return target
}

/** A new token in a file that only the operator can read. */
function newToken(file: string): string {
  const token = randomBytes(24).toString('base64url')
  rmSync(file, { force: true })
  writeFileSync(file, token, { mode: 0o600, flag: 'wx' })
  return token
}

export function setupTokenFile(config: Pick<Config, 'dataDir'>): string {
  return join(config.dataDir, 'setup-token')
}

/** Where a running server says how it is reached, for the command line. */
export function serverFile(config: Pick<Config, 'dataDir'>): string {
  return join(config.dataDir, 'server.json')
}

async function loadSimulators(): Promise<Map<string, Simulator>> {
  const loaded = await Promise.all(
    networks.map(
      async (network) => [network.definition.id, await loadSimulator(network.definition.id)] as const,
    ),
  )
  return new Map(loaded)
}

function sandboxHost(
  config: Config,
  simulators: Map<string, Simulator>,
  now: () => Date,
  origin: () => string,
): SandboxHost {
  return createSandboxHost({
    simulators: Object.fromEntries([...simulators].map(([id, simulator]) => [id, simulator.createSandbox])),
    folder: join(config.dataDir, 'sandbox'),
    now,
    origin,
    fetchMedia,
  })
}

/** `LITFASS_<LOGIN>_API_URL` and its siblings point a login at another server. */
function withSettings(login: LoginMethod, env: Config['env']): NetworkHosts {
  return {
    apiUrl: env[`${login.settings}_API_URL`] ?? login.hosts.apiUrl,
    uploadUrl: env[`${login.settings}_UPLOAD_URL`] ?? login.hosts.uploadUrl,
    authorizeUrl: env[`${login.settings}_AUTHORIZE_URL`] ?? login.hosts.authorizeUrl,
    tokenUrl: env[`${login.settings}_TOKEN_URL`] ?? login.hosts.tokenUrl,
  }
}

const heartbeatMs = 5_000
const measureEveryMs = 2_000

function startWorker(
  system: System,
  database: Database,
  log: (event: Record<string, unknown>) => void,
  closers: Array<() => Promise<void>>,
): Dispatcher {
  const workerId = newId('wrk')
  const onError = (cause: unknown) =>
    log({ level: 'error', event: 'worker-error', workerId, error: describe(cause) })
  const dispatcher = createDispatcher({
    db: database.db,
    workerId,
    now: system.now,
    openChannel: (delivery) =>
      openChannel(system, {
        workspaceId: delivery.workspaceId,
        channelId: delivery.channelId,
        deliveryId: delivery.id,
        actor: 'job:deliver',
      }),
    openPayload: (delivery) => openPayload(system, delivery.workspaceId, delivery.payload),
    onError,
    onSettled: (delivery, settled) =>
      log({
        level: 'info',
        event: 'delivery-settled',
        id: delivery.id,
        state: settled.change.state,
        outcome: settled.outcome,
      }),
  })
  const beat = () =>
    sql`insert into worker (id, started_at, seen_at) values (${workerId}, ${system.now()}, ${system.now()}) on conflict (id) do update set seen_at = excluded.seen_at`
      .execute(database.db)
      .catch(onError)
  let measuring: Promise<unknown> = Promise.resolve()
  let isMeasuring = false
  const measure = () => {
    if (isMeasuring) return
    isMeasuring = true
    measuring = measureDue({
      db: database.db,
      now: system.now,
      openChannel: (poll) =>
        openChannel(system, {
          workspaceId: poll.workspaceId,
          channelId: poll.channelId,
          deliveryId: poll.deliveryId,
          actor: 'job:measure',
        }),
      onError,
    })
      .catch(onError)
      .finally(() => {
        isMeasuring = false
      })
  }
  void beat()
  const beating = setInterval(() => void beat(), heartbeatMs)
  const reading = setInterval(measure, measureEveryMs)
  dispatcher.start()
  closers.push(async () => {
    clearInterval(beating)
    clearInterval(reading)
    await dispatcher.stop()
    await measuring
  })
  return dispatcher
}

function describe(cause: unknown): string {
  return cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)
}
