/** Notices. */
import { listNotices, readAllNotices, readNotice } from '#app/notices.ts'
import type { System } from '#app/system.ts'
import { json } from './json.ts'
import type { Api } from './kit.ts'

export function noticeRoutes(api: Api, system: System) {
  return {
    notices: {
      list: api.notices.list.handler(async ({ context, input }) =>
        json(await listNotices(system, context.actor, input)),
      ),
      read: api.notices.read.handler(async ({ context, input }) =>
        json(await readNotice(system, context.actor, input.id)),
      ),
      readAll: api.notices.readAll.handler(async ({ context }) => ({
        read: await readAllNotices(system, context.actor),
      })),
    },
  }
}
