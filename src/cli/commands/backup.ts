/** `backup` and `restore`: the database in one file. */
import type { Command } from 'commander'
import { LitfassError } from '#domain/errors.ts'
import { withApi, withProduct } from '../api.ts'
import { readPlace, runningServer } from '../place.ts'
import { type Output, print } from '../print.ts'

export function backupCommands(program: Command): void {
  program
    .command('backup')
    .description(
      'Write a backup of the database into the data folder; copy media files and master.key by hand',
    )
    .action((options: Output) =>
      withApi(async (api) => {
        const done = await api.call<{ file: string }>('POST', '/backups', {})
        print(done, options, () => `Written: ${done.file}\nCopy the media folder and master.key with it.`)
      }),
    )
  program
    .command('restore <file>')
    .description('Load a backup into an empty installation; what was still to go out is held')
    .action((file: string, options: Output) => restore(file, options))
}

async function restore(file: string, options: Output): Promise<void> {
  if ((await runningServer(readPlace().dataDir)) !== null) {
    throw new LitfassError('conflict', 'Litfass runs on this data folder', {
      remedy: 'Stop it, then restore.',
    })
  }
  const [{ restoreBackup }, { holdAfterRestore }] = await Promise.all([
    import('#storage/backup.ts'),
    import('#storage/deliveries.ts'),
  ])
  await withProduct([], async ({ database }) => {
    let held = 0
    const { rows } = await restoreBackup(database, file, {
      finish: async (transaction) => {
        held = await holdAfterRestore(transaction, new Date())
      },
    })
    print(
      { rows, held },
      options,
      () => `Restored: ${rows} rows. Held, for you to release: ${held} deliveries.`,
    )
  })
}
