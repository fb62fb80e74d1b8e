/** `serve` and `worker`: the product itself, until it is stopped. */
import type { Command } from 'commander'
import { addressOf, send } from '../api.ts'
import { readSecret } from '../place.ts'
import { type Output, print } from '../print.ts'
import { untilStopped } from '../stop.ts'

export function serveCommands(program: Command): void {
  program
    .command('serve')
    .description('Start the product')
    .action((options: Output) => serve(options, undefined))
  program
    .command('worker')
    .description('Start a worker alone, beside a server on the same PostgreSQL')
    .action((options: Output) => serve(options, ['worker']))
}

async function serve(options: Output, roles: ReadonlyArray<'serve' | 'worker'> | undefined): Promise<void> {
  const [{ readConfig }, { startProduct }] = await Promise.all([
    import('#main/config.ts'),
    import('#main/main.ts'),
  ])
  const base = readConfig(process.env)
  const config = roles ? { ...base, roles } : base
  const product = await startProduct(config, {
    log: (event) => process.stderr.write(`${JSON.stringify({ at: new Date().toISOString(), ...event })}\n`),
  })
  const address = addressOf(product)
  if (address !== null) {
    const token = (await hasNoOwner(address)) ? readSecret(config.dataDir, 'setup-token') : null
    const setupUrl = token === null ? null : `${product.url}/setup?token=${token}`
    print({ url: product.url, ...(setupUrl === null ? {} : { setupUrl }) }, options, () =>
      setupUrl === null
        ? `Litfass runs at ${product.url}`
        : `Litfass runs at ${product.url}\nSet it up in the browser: ${setupUrl}\nor in another terminal: npm run -s litfass -- init`,
    )
  }
  await untilStopped()
  await product.close()
}

/** False also where it cannot be told: the server runs, and the link is only a convenience. */
async function hasNoOwner(url: string): Promise<boolean> {
  return send<{ initialised: boolean }>(url, '/api/v1/setup', { method: 'GET' })
    .then(({ initialised }) => !initialised)
    .catch(() => false)
}
