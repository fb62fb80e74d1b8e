/** Set-up, the signed-in person, workspaces, members and invitations. */
import type { System } from '#app/system.ts'
import { type Api, notThereYet } from './kit.ts'

/** Operations that need neither session nor key. */
export const publicOperations: ReadonlySet<string> = new Set([
  'setup.show',
  'setup.run',
  'invitations.show',
  'invitations.accept',
])

export function peopleRoutes(api: Api, _system: System) {
  return {
    setup: {
      show: api.setup.show.handler(notThereYet),
      run: api.setup.run.handler(notThereYet),
    },
    account: {
      show: api.account.show.handler(notThereYet),
      change: api.account.change.handler(notThereYet),
    },
    workspaces: {
      list: api.workspaces.list.handler(notThereYet),
      change: api.workspaces.change.handler(notThereYet),
    },
    members: {
      list: api.members.list.handler(notThereYet),
      change: api.members.change.handler(notThereYet),
      remove: api.members.remove.handler(notThereYet),
      resetPassword: api.members.resetPassword.handler(notThereYet),
    },
    invitations: {
      list: api.invitations.list.handler(notThereYet),
      create: api.invitations.create.handler(notThereYet),
      revoke: api.invitations.revoke.handler(notThereYet),
      show: api.invitations.show.handler(notThereYet),
      accept: api.invitations.accept.handler(notThereYet),
    },
  }
}
