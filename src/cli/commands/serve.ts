/** `serve` and `worker`: the product itself, until it is stopped. */
import type { Command } from 'commander'
import { readSecret } from '../place.ts'
import { type Output, print } from '../print.ts'
import { untilStopped } from '../stop.ts'

export function serveCommands(program: Command): void {
  program
    .command('serve')
    .description('Start the product')
    .option('--no-web', 'Serve the API without pages')
    .action((options: Output & { web: boolean }) =>
      serve(options, undefined, options.web ? 'at-once' : 'none'),
    )
  program
    .command('worker')
    .description('Start a worker alone, beside a server on the same PostgreSQL')
    .action((options: Output) => serve(options, ['worker']))
}

async function serve(
  options: Output,
  roles: ReadonlyArray<'serve' | 'worker'> | undefined,
  web: 'at-once' | 'none' = 'none',
): Promise<void> {
  const [{ readConfig }, { startProduct }, { hasOwner }] = await Promise.all([
    import('#main/config.ts'),
    import('#main/main.ts'),
    import('#app/operator.ts'),
  ])
  const base = readConfig(process.env)
  const config = roles ? { ...base, roles } : base
  const product = await startProduct(config, {
    web,
    log: (event) => process.stderr.write(`${JSON.stringify({ at: new Date().toISOString(), ...event })}\n`),
  })
  if (product.server !== null) {
    const token = (await hasOwner(product.system.db)) ? null : readSecret(config.dataDir, 'setup-token')
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
