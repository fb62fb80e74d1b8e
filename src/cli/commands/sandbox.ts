/** `sandbox`: the simulated networks alone, for tests of other programs. */
import type { Command } from 'commander'
import { readPlace } from '../place.ts'
import { type Output, print } from '../print.ts'
import { untilStopped } from '../stop.ts'
import { wholeNumber } from '../use.ts'

type SandboxOptions = Output & { port: number; host: string; folder?: string }

export function sandboxCommand(program: Command): void {
  program
    .command('sandbox')
    .description('Start the simulated networks alone; LITFASS_API_KEY guards their control API')
    .option('--port <port>', 'Port to listen on; 0 takes a free one', wholeNumber(0, 65_535), 3_100)
    .option('--host <address>', 'Address to listen on', '127.0.0.1')
    .option('--folder <folder>', 'Where to keep what was published; without it, in memory')
    .action(async (options: SandboxOptions) => {
      const { startSandbox } = await import('#sandbox/serve.ts')
      const { apiKey } = readPlace()
      const sandbox = await startSandbox({
        port: options.port,
        host: options.host,
        folder: options.folder ?? null,
        ...(apiKey === null ? {} : { apiKey }),
      })
      print({ url: sandbox.url }, options, () => `The sandbox runs at ${sandbox.url}/_sandbox/`)
      await untilStopped()
      await sandbox.close()
    })
}
