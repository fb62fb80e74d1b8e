/** The command line. It talks to a running server, and starts one inside itself where none runs. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { Command, CommanderError } from 'commander'
import { initialise } from '#app/initialise.ts'
import { initialiseInput } from '#contract/workspace.ts'
import { LitfassError } from '#domain/errors.ts'
import { readConfig, settings } from '#main/config.ts'
import { restoreBackup } from '#storage/backup.ts'
import { holdAfterRestore } from '#storage/deliveries.ts'
import { type Product, serverFile, setupTokenFile, startProduct } from '#main/main.ts'

type Options = { json?: boolean }
type Api = {
  call: (method: string, path: string, body?: unknown) => Promise<unknown>
  upload: (file: string) => Promise<{ id: string }>
  close: () => Promise<void>
}

const config = () => readConfig(process.env)

async function main(argv: string[]): Promise<number> {
  const program = new Command('litfass')
    .description('Write once, shape for each channel, schedule, publish, measure')
    .exitOverride()
  let exitCode = 0
  const setExit = (code: number) => {
    exitCode = code
  }
  serveCommand(program)
  initCommand(program)
  connectionCommands(program)
  postCommands(program, setExit)
  keyCommands(program)
  backupCommands(program)
  program
    .command('config')
    .description('List every setting')
    .action(() =>
      print({ items: settings.map((setting) => ({ ...setting, name: `LITFASS_${setting.name}` })) }, {}),
    )
  try {
    await program.parseAsync(argv)
    return exitCode
  } catch (cause) {
    return report(cause, argv.includes('--json'))
  }
}

/** 0 done, 1 failed, 2 wrong use. */
function report(cause: unknown, isJson: boolean): number {
  if (cause instanceof CommanderError) return cause.exitCode === 0 ? 0 : 2
  const problem =
    cause instanceof LitfassError ? { code: cause.code, title: cause.message, remedy: cause.remedy } : null
  if (!problem) throw cause
  process.stderr.write(isJson ? `${JSON.stringify(problem)}\n` : `${problem.title}\n${problem.remedy}\n`)
  return 1
}

function serveCommand(program: Command): void {
  for (const [name, roles] of [
    ['serve', undefined],
    ['worker', ['worker']],
  ] as const) {
    program
      .command(name)
      .description(name === 'serve' ? 'Start the product' : 'Start a worker alone')
      .action(async () => {
        const base = config()
        const product = await startProduct(roles ? { ...base, roles } : base, {
          log: (event) =>
            process.stderr.write(`${JSON.stringify({ at: new Date().toISOString(), ...event })}\n`),
        })
        if (base.roles.includes('serve') && !roles)
          process.stdout.write(`Litfass runs at ${product.url}
Next, in another terminal: npm run -s litfass -- init
`)
        const stop = () => void product.close().then(() => process.exit(0))
        process.once('SIGTERM', stop)
        process.once('SIGINT', stop)
        await new Promise(() => {})
      })
  }
}

function initCommand(program: Command): void {
  program
    .command('init')
    .description('Create owner, workspace and API key')
    .option('--workspace <name>')
    .option('--name <name>')
    .option('--email <email>')
    .option('--time-zone <zone>')
    .option('--json')
    .action(async (options: Options & Record<string, string | undefined>) => {
      const { json: _, ...given } = options
      const parsed = initialiseInput.safeParse(given)
      if (!parsed.success)
        throw new LitfassError(
          'invalid_input',
          parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; '),
          { remedy: 'Correct these options.' },
        )
      const current = config()
      const running = runningUrl(current)
      const done = running
        ? ((await send(running, null, 'POST', '/api/v1/init', parsed.data, {
            'x-setup-token': readSetupToken(current),
          })) as { apiKey: string })
        : await withProduct((product) => initialise(product.system.db, parsed.data, new Date()))
      writeFileSync(join(current.dataDir, 'api-key'), done.apiKey, { mode: 0o600 })
      print(done, options)
    })
}

function connectionCommands(program: Command): void {
  const connection = program.command('connection').description('Accounts')
  connection
    .command('add')
    .requiredOption('--network <login>')
    .option('--sandbox')
    .option('--access-token <token>')
    .option('--refresh-token <token>')
    .option('--expires-at <instant>')
    .option('--json')
    .action(
      (
        options: Options & {
          network: string
          sandbox?: boolean
          accessToken?: string
          refreshToken?: string
          expiresAt?: string
        },
      ) =>
        withApi(async (api) => {
          const grant =
            options.accessToken === undefined
              ? undefined
              : {
                  accessToken: options.accessToken,
                  refreshToken: options.refreshToken,
                  expiresAt: options.expiresAt,
                }
          print(
            await api.call('POST', '/connections', {
              login: options.network,
              sandbox: options.sandbox ?? false,
              grant,
            }),
            options,
          )
        }),
    )
  connection
    .command('list')
    .option('--json')
    .action((options: Options) =>
      withApi(async (api) => print(await api.call('GET', '/connections'), options)),
    )
  connection
    .command('remove <id>')
    .option('--json')
    .action((id: string, options: Options) =>
      withApi(async (api) =>
        print(await api.call('DELETE', `/connections/${encodeURIComponent(id)}`), options),
      ),
    )
  const channel = program.command('channel').description('Pages, profiles and handles')
  channel
    .command('list')
    .option('--json')
    .action((options: Options) => withApi(async (api) => print(await api.call('GET', '/channels'), options)))
  channel
    .command('check <id>')
    .option('--json')
    .action((id: string, options: Options) =>
      withApi(async (api) =>
        print(await api.call('GET', `/channels/${encodeURIComponent(id)}/check`), options),
      ),
    )
  program
    .command('metrics')
    .option('--post <id>')
    .option('--json')
    .action((options: Options & { post?: string }) =>
      withApi(async (api) =>
        print(
          await api.call(
            'GET',
            `/metrics${options.post ? `?postId=${encodeURIComponent(options.post)}` : ''}`,
          ),
          options,
        ),
      ),
    )
}

type PostOptions = Options & {
  text: string
  channel: string[]
  media: string[]
  alt: string[]
  at?: string
  wait?: boolean
  timeout: string
  dryRun?: boolean
  draft?: boolean
}
type Post = { id: string; state: string; deliveries: Array<{ state: string }> }

function postCommands(program: Command, setExit: (code: number) => void): void {
  const post = program.command('post').description('Posts')
  const many = (value: string, previous: string[]) => [...previous, value]
  post
    .command('create')
    .option('--text <text>', 'Text', '')
    .option('--channel <id>', 'Channel; repeat for several', many, [])
    .option('--media <file>', 'Image; repeat for several', many, [])
    .option('--alt <text>', 'Alt text of the media before it', many, [])
    .option('--at <time>', 'When; without offset in the time zone of the workspace')
    .option('--wait', 'Wait until all are settled; exit 1 unless all are published')
    .option('--timeout <seconds>', 'Longest wait', '120')
    .option('--dry-run', 'Say what would happen and what it would cost')
    .option('--draft')
    .option('--json')
    .action((options: PostOptions) => withApi((api) => create(api, options, setExit)))
  post
    .command('list')
    .option('--search <text>')
    .option('--json')
    .action((options: Options & { search?: string }) =>
      withApi(async (api) =>
        print(
          await api.call(
            'GET',
            `/posts${options.search ? `?search=${encodeURIComponent(options.search)}` : ''}`,
          ),
          options,
        ),
      ),
    )
  post
    .command('show <id>')
    .option('--json')
    .action((id: string, options: Options) =>
      withApi(async (api) => print(await api.call('GET', `/posts/${encodeURIComponent(id)}`), options)),
    )
  post
    .command('cancel <id>')
    .option('--json')
    .action((id: string, options: Options) =>
      withApi(async (api) =>
        print(await api.call('POST', `/posts/${encodeURIComponent(id)}/cancel`, {}), options),
      ),
    )
  program
    .command('delivery')
    .command('resolve <id>')
    .option('--live <url>')
    .option('--send-again')
    .option('--leave')
    .option('--json')
    .action((id: string, options: Options & { live?: string; sendAgain?: boolean; leave?: boolean }) =>
      withApi(async (api) => {
        const resolution = options.live
          ? { kind: 'live', url: options.live }
          : options.sendAgain
            ? { kind: 'send-again' }
            : options.leave
              ? { kind: 'leave' }
              : null
        if (!resolution)
          throw new CommanderError(2, 'litfass.resolve', 'choose --live URL, --send-again or --leave')
        print(
          await api.call('POST', `/deliveries/${encodeURIComponent(id)}/resolve`, { resolution }),
          options,
        )
      }),
    )
}

async function create(api: Api, options: PostOptions, setExit: (code: number) => void): Promise<void> {
  const attachments: Array<{ mediaFileId: string; altText: string }> = []
  for (const [index, file] of options.media.entries())
    attachments.push({ mediaFileId: (await api.upload(file)).id, altText: options.alt[index] ?? '' })
  const body = {
    text: options.text,
    channelIds: options.channel,
    attachments,
    ...(options.at ? { at: options.at } : {}),
    ...(options.draft ? { draft: true } : {}),
  }
  if (options.dryRun) return print(await api.call('POST', '/posts/dry-run', body), options)
  let post = (await api.call('POST', '/posts', body)) as Post
  const until = Date.now() + Number(options.timeout) * 1_000
  while (options.wait && Date.now() < until && ['scheduled', 'publishing'].includes(post.state)) {
    await new Promise((resolve) => setTimeout(resolve, 300))
    post = (await api.call('GET', `/posts/${post.id}`)) as Post
  }
  print(post, options)
  if (options.wait && post.deliveries.some((delivery) => delivery.state !== 'published')) setExit(1)
}

function keyCommands(program: Command): void {
  const key = program.command('key').description('API keys')
  key
    .command('create')
    .option('--name <name>', 'Name', 'Key')
    .option('--json')
    .action((options: Options & { name: string }) =>
      withApi(async (api) => print(await api.call('POST', '/keys', { name: options.name }), options)),
    )
  key
    .command('list')
    .option('--json')
    .action((options: Options) => withApi(async (api) => print(await api.call('GET', '/keys'), options)))
  key
    .command('revoke <id>')
    .option('--json')
    .action((id: string, options: Options) =>
      withApi(async (api) => print(await api.call('DELETE', `/keys/${encodeURIComponent(id)}`), options)),
    )
}

function backupCommands(program: Command): void {
  program
    .command('backup')
    .description(
      'Write a backup of the database into the data folder; media files and master.key are copied by hand',
    )
    .option('--json')
    .action((options: Options) =>
      withApi(async (api) => print(await api.call('POST', '/backups', {}), options)),
    )
  program
    .command('restore <file>')
    .description('Load a backup into an empty installation; what was still to go out is held')
    .option('--json')
    .action(async (file: string, options: Options) => {
      if (runningUrl(config()) !== null) {
        throw new LitfassError('conflict', 'Litfass runs on this data folder', {
          remedy: 'Stop it, then restore.',
        })
      }
      const product = await startProduct({ ...config(), roles: [] })
      try {
        let held = 0
        const { rows } = await restoreBackup(product.database, file, {
          finish: async (transaction) => {
            held = await holdAfterRestore(transaction, new Date())
          },
        })
        print({ rows, held }, options)
      } finally {
        await product.close()
      }
    })
}

/** Empty where it cannot be read; the server then says what to do. */
function readSetupToken(current: ReturnType<typeof config>): string {
  return existsSync(setupTokenFile(current)) ? readFileSync(setupTokenFile(current), 'utf8').trim() : ''
}

/** The running server of this data folder, if its process still lives. */
function runningUrl(current: ReturnType<typeof config>): string | null {
  if (current.url) return current.url.replace(/\/$/, '')
  if (!existsSync(serverFile(current))) return null
  try {
    const { url, pid } = JSON.parse(readFileSync(serverFile(current), 'utf8')) as { url: string; pid: number }
    process.kill(pid, 0)
    return url
  } catch {
    return null
  }
}

async function withProduct<T>(run: (product: Product) => Promise<T>): Promise<T> {
  const product = await startProduct({ ...config(), port: 0 })
  try {
    return await run(product)
  } finally {
    await product.close()
  }
}

async function withApi<T>(run: (api: Api) => Promise<T>): Promise<T> {
  const current = config()
  const keyFile = join(current.dataDir, 'api-key')
  const key = current.apiKey ?? (existsSync(keyFile) ? readFileSync(keyFile, 'utf8').trim() : null)
  if (!key)
    throw new LitfassError('not_initialised', 'There is no API key here yet', {
      remedy: 'Run `litfass init` first, or set LITFASS_API_KEY.',
    })
  const url = runningUrl(current)
  if (url) return run(apiAt(url, key))
  return withProduct((product) => run(apiAt(product.url, key)))
}

function apiAt(url: string, key: string): Api {
  return {
    call: (method, path, body) => send(url, key, method, `/api/v1${path}`, body),
    upload: async (file) => {
      const bytes = await readFile(file).catch((cause: unknown) => {
        throw new LitfassError('media_unreadable', `${file} cannot be read`, {
          remedy: 'Check the path.',
          cause,
        })
      })
      const form = new FormData()
      form.set('file', new File([bytes], basename(file)))
      return (await send(url, key, 'POST', '/api/v1/media', form)) as { id: string }
    },
    close: async () => {},
  }
}

async function send(
  url: string,
  key: string | null,
  method: string,
  path: string,
  body?: unknown,
  extra: Record<string, string> = {},
): Promise<unknown> {
  const isForm = body instanceof FormData
  const answer = await fetch(url + path, {
    method,
    headers: {
      ...extra,
      ...(key ? { authorization: `Bearer ${key}` } : {}),
      ...(body === undefined || isForm ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: isForm ? body : JSON.stringify(body) }),
  }).catch((cause: unknown) => {
    throw new LitfassError('server_unreachable', `Litfass does not answer at ${url}`, {
      remedy: 'Start it with `npm start`, or correct LITFASS_URL.',
      cause,
    })
  })
  const value = (await answer.json()) as { code?: string; title?: string; remedy?: string }
  if (answer.ok) return value
  throw new LitfassError(
    (value.code ?? 'invalid_input') as LitfassError['code'],
    value.title ?? `The server answered ${answer.status}`,
    { remedy: value.remedy ?? 'See the log of the server.' },
  )
}

function print(value: unknown, options: Options): void {
  process.stdout.write(options.json ? `${JSON.stringify(value)}\n` : `${JSON.stringify(value, null, 2)}\n`)
}

process.exitCode = await main(process.argv)
if (process.exitCode !== 0 || process.argv[2] !== 'serve') setImmediate(() => process.exit())
