/** The media library. */
import { addMedia } from '#app/media.ts'
import type { System } from '#app/system.ts'
import { type Api, notThereYet } from './kit.ts'

export function mediaRoutes(api: Api, system: System) {
  return {
    media: {
      add: api.media.add.handler(async ({ context, input }) =>
        addMedia(
          system,
          context.actor,
          input.file.name || 'image',
          new Uint8Array(await input.file.arrayBuffer()),
        ),
      ),
      list: api.media.list.handler(notThereYet),
      remove: api.media.remove.handler(notThereYet),
    },
  }
}
