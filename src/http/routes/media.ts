/** The media library. */
import { addMedia, listMedia, removeMedia } from '#app/media.ts'
import type { System } from '#app/system.ts'
import { json } from './json.ts'
import type { Api } from './kit.ts'

export function mediaRoutes(api: Api, system: System) {
  return {
    media: {
      add: api.media.add.handler(async ({ context, input }) =>
        addMedia(system, context.actor, input.file.name, new Uint8Array(await input.file.arrayBuffer())),
      ),
      list: api.media.list.handler(async ({ context, input }) =>
        json(await listMedia(system, context.actor, input)),
      ),
      remove: api.media.remove.handler(async ({ context, input }) => {
        await removeMedia(system, context.actor, input.id)
        return { id: input.id }
      }),
    },
  }
}
