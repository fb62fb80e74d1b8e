/** `init`: owner, workspace and API key without a browser. */
import type { Command } from 'commander'
import { send, withProduct } from '../api.ts'
import { keepKey, readPlace, readSecret, runningServer } from '../place.ts'
import { fields, type Output, print } from '../print.ts'

type InitOptions = Output & { workspace?: string; name?: string; email?: string; timeZone?: string }
type Initialised = { workspaceId: string; ownerId: string; apiKey: string }

export function initCommand(program: Command): void {
  program
    .command('init')
    .description('Create owner, workspace and API key without a browser')
    .option('--workspace <name>', 'Name of the workspace')
    .option('--name <name>', 'Name of the owner')
    .option('--email <email>', 'Mail address of the owner')
    .option('--time-zone <zone>', 'IANA name such as Europe/Berlin; default UTC')
    .action(async (options: InitOptions) => {
      const { json: _, ...given } = options
      const done = await initialise(given)
      print(done, options, () =>
        [
          fields([
            ['Workspace', done.workspaceId],
            ['Owner', done.ownerId],
            ['API key', done.apiKey],
          ]),
          '',
          'The key is shown this once; this command line finds it in the data folder.',
          'Next: litfass connection add --network … --sandbox',
        ].join('\n'),
      )
      // Last: where it cannot be kept, it was shown at least.
      keepKey(readPlace().dataDir, done.apiKey)
    })
}

async function initialise(given: Omit<InitOptions, 'json'>): Promise<Initialised> {
  const place = readPlace()
  const url = place.url ?? (await runningServer(place.dataDir))
  const ask = (address: string) =>
    send<Initialised>(address, '/api/v1/init', {
      method: 'POST',
      body: given,
      // Empty where it cannot be read; the server then says what to do.
      headers: { 'x-setup-token': readSecret(place.dataDir, 'setup-token') ?? '' },
    })
  return url === null ? withProduct(['serve'], (_product, address) => ask(address)) : ask(url)
}
