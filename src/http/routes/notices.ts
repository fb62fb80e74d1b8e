/** Notices. */
import type { System } from '#app/system.ts'
import { type Api, notThereYet } from './kit.ts'

export function noticeRoutes(api: Api, _system: System) {
  return {
    notices: {
      list: api.notices.list.handler(notThereYet),
      read: api.notices.read.handler(notThereYet),
      readAll: api.notices.readAll.handler(notThereYet),
    },
  }
}
