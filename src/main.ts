/** The composition root: config, storage, networks, engine, http. Everything is built here and nowhere else. */
import { createHmac, randomBytes } from 'node:crypto'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { createIdentity } from '#app/identity.ts'
import { createMailer } from '#app/mail.ts'
import { rescheduleMoved } from '#app/move-schedule.ts'
import type { System, WrittenBackup } from '#app/system.ts'
import { LitfassError } from '#domain/errors.ts'
import type { Dispatcher } from '#engine/dispatch.ts'
import { createBreakers } from '#engine/breakers.ts'
import { createCounters } from '#engine/counters.ts'
import { createLedger } from '#engine/meter.ts'
import { createPriceBooks } from '#engine/price-books.ts'
import { createServer } from '#http/server.ts'
import type { LoginMethod, NetworkHosts } from '#networks/contract.ts'
import { loadSimulator, loginById, networks } from '#networks/registry.ts'
import type { Simulator } from '#networks/sandbox-kit.ts'
import { sandboxDoor } from '#sandbox/door.ts'
import { createSandboxHost, type SandboxHost } from '#sandbox/host.ts'
import { fetchMediaFor } from '#sandbox/media.ts'
import { type Database, openDatabase } from '#storage/database.ts'
import { writeBackup } from '#storage/backup.ts'
import { carryMedia, mediaFolderOf, missingMedia } from '#storage/backup-media.ts'
import { migrate } from '#storage/migrate.ts'
import { createSealer } from '#storage/seal.ts'
import { type Config, readMasterKey } from './config.ts'
import { startWorker, watchFromServer } from './worker.ts'

export type Product = {
  system: System
  database: Database
  url: string
  server: FastifyInstance | null
  dispatcher: Dispatcher | null
  close: () => Promise<void>
}

export type ProductOptions = {
  now?: () => Date
  log?: (event: Record<string, unknown>) => void
  /** Pages: built at once, built when the first one is asked for (default), or none. */
  web?: 'at-once' | 'on-demand' | 'none'
}

/** Opens storage, migrates it and starts what `ROLES` names. Where that fails, everything is closed again. */
export async function startProduct(config: Config, options: ProductOptions = {}): Promise<Product> {
  const closers: Array<() => Promise<void>> = []
  const close = async () => {
    for (const one of closers.splice(0).toReversed()) await one()
  }
  try {
    return { ...(await openProduct(config, options, closers)), close }
  } catch (cause) {
    await close().catch(() => undefined)
    throw inWords(cause, config)
  }
}

async function openProduct(
  config: Config,
  options: ProductOptions,
  closers: Array<() => Promise<void>>,
): Promise<Omit<Product, 'close'>> {
  const now = options.now ?? (() => new Date())
  const log = options.log ?? (() => {})
  mkdirSync(config.dataDir, { recursive: true })
  const masterKey = readMasterKey(config.masterKeyFile)
  const database = await openDatabase({
    dataDir: config.dataDir,
    ...(config.databaseUrl === undefined ? {} : { databaseUrl: config.databaseUrl }),
    patienceMs: config.databasePatienceMs,
  })
  closers.push(database.close)
  await migrate(database, {
    now: now(),
    beforeUpgrade: () =>
      backUp(database, config.dataDir, now()).then(({ file }) =>
        log({ level: 'info', event: 'backup-written', file }),
      ),
  })
  const simulators = config.hasSandbox ? await loadSimulators() : new Map<string, Simulator>()
  let origin = config.origin
  let dispatcher: Dispatcher | null = null
  const prices = createPriceBooks(
    database.db,
    networks.map(({ definition }) => definition),
    { now },
  )
  const counters = createCounters({
    db: database.db,
    now,
    onError: (cause) => log({ level: 'error', event: 'counters-failed', error: describe(cause) }),
  })
  closers.push(() => counters.flush().catch(() => undefined))
  await counters.recall()
  const system: System = {
    db: database.db,
    sealer: createSealer(masterKey),
    ledger: createLedger({
      db: database.db,
      prices,
      now,
      onError: (cause) => log({ level: 'error', event: 'ledger-failed', error: describe(cause) }),
    }),
    breakers: createBreakers({
      db: database.db,
      now,
      networkOf: networkOfLogin,
      wake: () => dispatcher?.wake(),
      onEvent: (event) => log({ level: 'warn', ...event }),
      onError: (cause) => log({ level: 'error', event: 'breaker-failed', error: describe(cause) }),
    }),
    counters,
    prices,
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
    allowsPrivateHosts: config.allowsPrivateHosts,
    modelServer: config.aiUrl,
    appFromEnvironment: (login) => {
      const clientId = config.env[`${login.settings}_CLIENT_ID`]
      const clientSecret = config.env[`${login.settings}_CLIENT_SECRET`]
      return clientId && clientSecret ? { clientId, clientSecret } : null
    },
    appTokenFromEnvironment: ({ settings, appToken }) =>
      appToken === undefined ? null : (config.env[`${settings}_${appToken.setting}`] ?? null),
    hasSandbox: config.hasSandbox,
    backUp: () => backUp(database, config.dataDir, now()),
    wake: () => dispatcher?.wake(),
  }
  let server: FastifyInstance | null = null
  if (config.roles.includes('serve')) {
    const host = config.hasSandbox ? sandboxHost(config, simulators, now, () => origin) : null
    const { SMTP_URL: smtpUrl, MAIL_FROM: from = 'litfass@localhost' } = config.env
    const sendMail =
      smtpUrl === undefined
        ? null
        : createMailer({ smtpUrl, from }, (cause) =>
            log({ level: 'error', event: 'mail-failed', error: describe(cause) }),
          )
    const keys = {
      secret: createHmac('sha256', masterKey).update('session').digest('base64url'),
      isSecure: origin.startsWith('https://'),
    }
    server = await createServer({
      system,
      keys,
      sendMail,
      identity: createIdentity({ db: database.db, keys, origin: () => origin, sendMail }),
      sandbox: host ? sandboxDoor(host) : null,
      setupToken: newToken(setupTokenFile(config)),
      operatorToken: newToken(join(config.dataDir, 'operator-token')),
      apiLimit: config.apiLimit,
      trustedProxies: config.trustedProxies,
      web: options.web === 'none' ? null : { log, isPrepared: options.web === 'at-once' },
      onError: (cause, requestId) =>
        log({ level: 'error', event: 'request-failed', requestId, error: describe(cause) }),
    })
    closers.push(() => closeServer(server, host))
    const address = await server.listen({ host: config.host, port: config.port })
    if (config.port === 0 && config.env['ORIGIN'] === undefined) origin = address
    writeFileSync(serverFile(config), JSON.stringify({ url: address, pid: process.pid }))
    closers.push(async () => rmSync(serverFile(config), { force: true }))
  }
  if (config.roles.includes('worker')) {
    const moved = await rescheduleMoved(system)
    if (moved > 0) log({ level: 'info', event: 'schedules-moved', posts: moved })
    const worker = startWorker({ system, database, log })
    dispatcher = worker.dispatcher
    closers.push(worker.stop)
  } else if (config.roles.includes('serve')) {
    closers.push(watchFromServer({ system, database, log }).stop)
  }
  return {
    system,
    database,
    url: origin,
    server,
    dispatcher,
  }
}

/** A login that this version does not know any more bears its id. */
function networkOfLogin(login: string): { id: string; name: string } {
  const { id = login, name = login } = loginById(login)?.network.definition ?? {}
  return { id, name }
}

/** Requests under way may take so long after a stop. Milliseconds. */
const lastRequestsMs = 1_500

async function closeServer(server: FastifyInstance | null, host: SandboxHost | null): Promise<void> {
  const force = setTimeout(() => server?.server.closeAllConnections(), lastRequestsMs)
  await server?.close()
  clearTimeout(force)
  host?.close()
}

/** What an operator can mend is said in words with a remedy; anything else is a bug and stays one. */
function inWords(cause: unknown, config: Config): unknown {
  const code = cause instanceof Error && 'code' in cause ? cause.code : null
  const place = `${config.host}:${config.port}`
  if (code === 'EADDRINUSE') {
    return new LitfassError('address_unusable', `Another program listens on ${place} already`, {
      remedy: 'Stop it, or set LITFASS_PORT to another port.',
      cause,
    })
  }
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND' || (code === 'EACCES' && isListen(cause))) {
    return new LitfassError('address_unusable', `This machine does not let Litfass listen on ${place}`, {
      remedy: 'Set LITFASS_HOST to an address of this machine and LITFASS_PORT to a port above 1023.',
      cause,
    })
  }
  if (typeof code === 'string' && unusableFile.has(code)) {
    const message = cause instanceof Error ? cause.message : String(cause)
    return new LitfassError('data_unusable', `A file of Litfass cannot be used (${message})`, {
      remedy: `Check that ${config.dataDir} and ${config.masterKeyFile} belong to the user Litfass runs as, and that the disk has room.`,
      cause,
    })
  }
  return cause
}

const unusableFile: ReadonlySet<string> = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'ENOTDIR', 'EISDIR'])

function isListen(cause: unknown): boolean {
  return cause instanceof Error && 'syscall' in cause && cause.syscall === 'listen'
}

/** Writes a backup into the data folder: the database in one file, media files in a folder beside it. */
export async function backUp(database: Database, dataDir: string, now: Date): Promise<WrittenBackup> {
  const folder = join(dataDir, 'backups')
  mkdirSync(folder, { recursive: true })
  const file = join(folder, `${now.toISOString().replaceAll(':', '-')}.backup`)
  const mediaFolder = mediaFolderOf(file)
  const media = join(dataDir, 'media')
  // Before the rows are read and after: so no row in the file lacks what was deleted or added meanwhile.
  await carryMedia(media, mediaFolder)
  const tables = await writeBackup(database, file, { now })
  const mediaFiles = await carryMedia(media, mediaFolder)
  const missing = await missingMedia(database.db, media)
  const rows = tables.reduce((sum, table) => sum + table.rows, 0)
  return {
    file,
    rows,
    mediaFolder: mediaFiles === 0 ? null : mediaFolder,
    mediaFiles,
    missingMedia: missing.length,
  }
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
    fetchMedia: fetchMediaFor(origin),
  })
}

/** `LITFASS_<LOGIN>_API_URL` and its siblings point a login at another server. */
function withSettings(login: LoginMethod, env: Config['env']): NetworkHosts {
  const { readUrl, siteUrl, directoryUrl } = login.hosts
  return {
    apiUrl: env[`${login.settings}_API_URL`] ?? login.hosts.apiUrl,
    uploadUrl: env[`${login.settings}_UPLOAD_URL`] ?? login.hosts.uploadUrl,
    authorizeUrl: env[`${login.settings}_AUTHORIZE_URL`] ?? login.hosts.authorizeUrl,
    tokenUrl: env[`${login.settings}_TOKEN_URL`] ?? login.hosts.tokenUrl,
    ...(readUrl === undefined ? {} : { readUrl: env[`${login.settings}_READ_URL`] ?? readUrl }),
    ...(siteUrl === undefined ? {} : { siteUrl: env[`${login.settings}_SITE_URL`] ?? siteUrl }),
    ...(directoryUrl === undefined
      ? {}
      : { directoryUrl: env[`${login.settings}_DIRECTORY_URL`] ?? directoryUrl }),
  }
}

function describe(cause: unknown): string {
  return cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)
}
