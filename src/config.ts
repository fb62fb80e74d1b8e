/** Every setting: environment name (prefix `LITFASS_`), unit, default and meaning. `litfass config` prints this list. */
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { randomBytes } from 'node:crypto'
import { dirname, join, resolve } from 'node:path'
import { z } from 'zod'
import { endpointOf } from '#domain/ai.ts'
import { LitfassError } from '#domain/errors.ts'

/** Secrets are never printed. */
export type Setting = {
  name: string
  unit: 'address' | 'file' | 'folder' | 'list' | 'number' | 'on/off' | 'secret' | 'seconds' | 'text' | 'URL'
  default: string
  meaning: string
}

export const settings: readonly Setting[] = [
  { name: 'HOST', unit: 'address', default: '127.0.0.1', meaning: 'Address to listen on.' },
  { name: 'PORT', unit: 'number', default: '3000', meaning: 'Port to listen on.' },
  {
    name: 'ORIGIN',
    unit: 'URL',
    default: 'http://HOST:PORT',
    meaning: 'Public URL people and networks reach this server by.',
  },
  {
    name: 'DATA_DIR',
    unit: 'folder',
    default: './data',
    meaning: 'Folder that holds everything: database, media files, keys.',
  },
  {
    name: 'DATABASE_URL',
    unit: 'URL',
    default: '(embedded)',
    meaning: 'PostgreSQL 15 or newer; unset uses the embedded database.',
  },
  {
    name: 'DATABASE_PATIENCE',
    unit: 'seconds',
    default: '20',
    meaning: 'How long an answer of that server is waited for before the connection is given up.',
  },
  { name: 'ROLES', unit: 'list', default: 'serve,worker', meaning: 'What this process does.' },
  {
    name: 'SANDBOX',
    unit: 'on/off',
    default: 'on',
    meaning: 'on or off: simulated networks under /_sandbox.',
  },
  {
    name: 'ALLOW_PRIVATE_HOSTS',
    unit: 'on/off',
    default: 'off',
    meaning: 'on lets people connect accounts on servers in your own network; off takes public ones only.',
  },
  {
    name: 'AI_URL',
    unit: 'URL',
    default: '(none)',
    meaning:
      'Server with an OpenAI-compatible API for writing help, also a private one; each workspace switches it on.',
  },
  {
    name: 'MASTER_KEY_FILE',
    unit: 'file',
    default: 'DATA_DIR/master.key',
    meaning: '32 random bytes that seal tokens; made on the first start.',
  },
  {
    name: 'SMTP_URL',
    unit: 'secret',
    default: '(no mail)',
    meaning: 'Mail server, as smtp://user:password@host:587; without it links are shown instead of mailed.',
  },
  { name: 'MAIL_FROM', unit: 'text', default: 'litfass@localhost', meaning: 'Sender of mails.' },
  {
    name: 'API_LIMIT',
    unit: 'number',
    default: '600',
    meaning: 'Requests a minute each member may send to the API; 0 for any number.',
  },
  {
    name: 'TRUSTED_PROXIES',
    unit: 'list',
    default: '(none)',
    meaning: 'Addresses or CIDR ranges of proxies whose X-Forwarded-For is believed, for limits per address.',
  },
  {
    name: 'URL',
    unit: 'URL',
    default: '(found in the data folder)',
    meaning: 'Server the command line talks to.',
  },
  {
    name: 'API_KEY',
    unit: 'secret',
    default: '(found in the data folder)',
    meaning: 'Key the command line uses.',
  },
]

const onOff = z.enum(['on', 'off'])
const schema = z.object({
  HOST: z.string().min(1).default('127.0.0.1'),
  PORT: z.coerce.number().int().min(0).max(65_535).default(3_000),
  ORIGIN: z.url().optional(),
  DATA_DIR: z.string().min(1).default('./data'),
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\//, 'must start with postgres://')
    .optional(),
  ROLES: z
    .string()
    .default('serve,worker')
    .transform((text) => text.split(',').map((part) => part.trim()))
    .pipe(z.array(z.enum(['serve', 'worker'])).min(1)),
  SANDBOX: onOff.default('on'),
  ALLOW_PRIVATE_HOSTS: onOff.default('off'),
  AI_URL: z
    .string()
    .transform((text) => endpointOf(text))
    .refine((url) => url !== null, 'is no http address without password, query and fragment')
    .optional(),
  MASTER_KEY_FILE: z.string().optional(),
  SMTP_URL: z
    .string()
    .regex(/^smtps?:\/\//, 'must start with smtp:// or smtps://')
    .optional(),
  MAIL_FROM: z.string().min(3).optional(),
  DATABASE_PATIENCE: z.coerce.number().int().min(1).max(3_600).default(20),
  API_LIMIT: z.coerce.number().int().min(0).max(1_000_000).default(600),
  TRUSTED_PROXIES: z
    .string()
    .default('')
    .transform((text) =>
      text
        .split(',')
        .map((part) => part.trim())
        .filter((part) => part !== ''),
    )
    .pipe(z.array(z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()]))),
  URL: z.url().optional(),
  API_KEY: z.string().optional(),
})

export type Config = {
  host: string
  port: number
  origin: string
  dataDir: string
  databaseUrl?: string
  databasePatienceMs: number
  roles: ReadonlyArray<'serve' | 'worker'>
  hasSandbox: boolean
  allowsPrivateHosts: boolean
  /** Base address of the operator's model server. */
  aiUrl: string | null
  masterKeyFile: string
  apiLimit: number
  trustedProxies: readonly string[]
  url?: string
  apiKey?: string
  /** The raw `LITFASS_` variables without their prefix, for the networks' own settings. */
  env: Readonly<Record<string, string>>
}

/** Reads the settings. Throws `config_invalid` naming each wrong one. An empty variable counts as unset. */
export function readConfig(environment: Record<string, string | undefined>): Config {
  const env: Record<string, string> = {}
  for (const [name, value] of Object.entries(environment)) {
    if (name.startsWith('LITFASS_') && value) env[name.slice('LITFASS_'.length)] = value
  }
  const parsed = schema.safeParse(env)
  if (!parsed.success) {
    const wrong = parsed.error.issues.map((issue) => `LITFASS_${issue.path.join('.')}: ${issue.message}`)
    throw new LitfassError('config_invalid', wrong.join('; '), {
      remedy: 'Correct these environment variables; `litfass config` lists them all.',
    })
  }
  const values = parsed.data
  const dataDir = resolve(values.DATA_DIR)
  return {
    host: values.HOST,
    port: values.PORT,
    origin: (
      values.ORIGIN ?? `http://${values.HOST === '0.0.0.0' ? 'localhost' : values.HOST}:${values.PORT}`
    ).replace(/\/$/, ''),
    dataDir,
    ...(values.DATABASE_URL === undefined ? {} : { databaseUrl: values.DATABASE_URL }),
    roles: values.ROLES,
    hasSandbox: values.SANDBOX === 'on',
    allowsPrivateHosts: values.ALLOW_PRIVATE_HOSTS === 'on',
    aiUrl: values.AI_URL ?? null,
    masterKeyFile: values.MASTER_KEY_FILE ?? join(dataDir, 'master.key'),
    databasePatienceMs: values.DATABASE_PATIENCE * 1_000,
    apiLimit: values.API_LIMIT,
    trustedProxies: values.TRUSTED_PROXIES,
    ...(values.URL === undefined ? {} : { url: values.URL }),
    ...(values.API_KEY === undefined ? {} : { apiKey: values.API_KEY }),
    env,
  }
}

/** The master key; made on the first start, readable by the owner only. */
export function readMasterKey(file: string): Uint8Array {
  if (!existsSync(file)) makeMasterKey(file)
  const key = Buffer.from(readFileSync(file, 'utf8').trim(), 'base64')
  if (key.length !== 32) {
    throw new LitfassError('config_invalid', `The master key file ${file} does not hold 32 bytes in base64`, {
      remedy: 'Restore the file this data was made with; without it stored tokens cannot be opened.',
    })
  }
  return key
}

/**
 * Whole or not at all, and on the disk before anything is sealed with it: whoever is killed, or loses power,
 * leaves no half of a key. Of several that start at once, the first one's counts.
 */
function makeMasterKey(file: string): void {
  const folder = dirname(file)
  mkdirSync(folder, { recursive: true })
  const part = `${file}.${process.pid}.part`
  const handle = openSync(part, 'w', 0o600)
  writeFileSync(handle, randomBytes(32).toString('base64'))
  fsyncSync(handle)
  closeSync(handle)
  try {
    linkSync(part, file)
  } catch (cause) {
    if (!existsSync(file)) throw cause
  }
  rmSync(part)
  const directory = openSync(folder, 'r')
  fsyncSync(directory)
  closeSync(directory)
}
