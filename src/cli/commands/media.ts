/** `media`: the library of media files. */
import type { Command } from 'commander'
import { at, query, withApi } from '../api.ts'
import { oneLine, type Output, print, size, table, when } from '../print.ts'
import type { Listed, MediaFile } from '../shapes.ts'
import { more, paged, type Paging } from '../use.ts'

type ListedFile = MediaFile & { createdAt: string; uses: number }

export function mediaCommands(program: Command): void {
  const media = program.command('media').description('Media files')
  paged(media.command('list').description('List media files, newest first')).action(
    ({ json, ...paging }: Output & Paging) =>
      withApi(async (api) => {
        const list = await api.call<Listed<ListedFile>>('GET', `/media${query(paging)}`)
        print(list, { json: json ?? false }, () => mediaTable(list.items) + more(list.next))
      }),
  )
  media
    .command('add <file>')
    .description('Add an image to the library')
    .action((file: string, options: Output) =>
      withApi(async (api) => {
        const added = await api.upload(file)
        print(
          added,
          options,
          () => `Added: ${added.id} (${added.width} × ${added.height}, ${size(added.bytes)})`,
        )
      }),
    )
  media
    .command('remove <id>')
    .description('Delete a media file that no post uses')
    .action((id: string, options: Output) =>
      withApi(async (api) => {
        const gone = await api.call<{ id: string }>('DELETE', at`/media/${id}`)
        print(gone, options, () => `Deleted: ${gone.id}`)
      }),
    )
}

function mediaTable(items: readonly ListedFile[]): string {
  return table(
    ['Id', 'File', 'Type', 'Size', 'Pixels', 'Uses', 'Added'],
    items.map((item) => [
      item.id,
      oneLine(item.fileName, 40),
      item.mimeType,
      size(item.bytes),
      `${item.width} × ${item.height}`,
      String(item.uses),
      when(item.createdAt),
    ]),
    'The library is empty.',
  )
}
