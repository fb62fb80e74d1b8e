/** `backup` and `restore`: the database in one file, media files in a folder beside it. */
import type { Command } from 'commander'
import type { WrittenBackup } from '#app/system.ts'
import { LitfassError } from '#domain/errors.ts'
import { withApi, withProduct } from '../api.ts'
import { readPlace, runningServer } from '../place.ts'
import { type Output, print } from '../print.ts'

export function backupCommands(program: Command): void {
  program
    .command('backup')
    .description(
      'Write a backup into the data folder: the database in one file, media files beside it; keep master.key too',
    )
    .action((options: Output) =>
      withApi(async (api) => {
        const done = await api.call<WrittenBackup>('POST', '/backups', {})
        print(done, options, () => linesOf(done).join('\n'))
      }),
    )
  program
    .command('restore <file>')
    .description('Load a backup into an empty installation; what was still to go out is held')
    .action((file: string, options: Output) => restore(file, options))
}

function linesOf({ file, rows, mediaFolder, mediaFiles, missingMedia }: WrittenBackup): string[] {
  return [
    `Written: ${file} (${rows} rows)`,
    mediaFolder === null
      ? 'There are no media files.'
      : `Beside it: ${mediaFolder} (${mediaFiles} media files)`,
    ...(missingMedia > 0 ? [`${missingMedia} media files are gone from the data folder already.`] : []),
    'Keep both in another place, and master.key with them: without it the tokens stay sealed.',
  ]
}

async function restore(file: string, options: Output): Promise<void> {
  if ((await runningServer(readPlace().dataDir)) !== null) {
    throw new LitfassError('conflict', 'Litfass runs on this data folder', {
      remedy: 'Stop it, then restore.',
    })
  }
  const [{ restoreBackup }, { holdAfterRestore }, media] = await Promise.all([
    import('#storage/backup.ts'),
    import('#storage/deliveries.ts'),
    import('#storage/backup-media.ts'),
  ])
  await withProduct([], async ({ database, system }) => {
    let held = 0
    const { rows } = await restoreBackup(database, file, {
      finish: async (transaction) => {
        held = await holdAfterRestore(transaction, new Date())
      },
    })
    const mediaFiles = await media.carryMedia(media.mediaFolderOf(file), system.mediaDir)
    const missing = await media.missingMedia(database.db, system.mediaDir)
    print(
      { rows, held, mediaFiles, missingMedia: missing },
      options,
      () =>
        `Restored: ${rows} rows, ${mediaFiles} media files. Held, for you to release: ${held} deliveries.${
          missing.length > 0 ? `\nNot beside the backup: ${missing.length} media files.` : ''
        }`,
    )
  })
}
