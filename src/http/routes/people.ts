/** Set-up, the signed-in person, workspaces, members and invitations. */
import { readFileSync } from 'node:fs'
import { changeMe, changeWorkspace, listWorkspaces, type Me, whoAmI } from '#app/account.ts'
import {
  acceptInvitation,
  invite,
  listInvitations,
  revokeInvitation,
  showInvitation,
} from '#app/invitations.ts'
import type { SendMail } from '#app/mail.ts'
import { changeRole, createPasswordLink, listMembers, removeMember } from '#app/members.ts'
import { hasOwner } from '#app/operator.ts'
import { eraseMe, memberData, ownData } from '#app/personal-data.ts'
import { openSession, type SessionKeys } from '#app/sessions.ts'
import { setUp } from '#app/setup.ts'
import type { System } from '#app/system.ts'
import { LitfassError } from '#domain/errors.ts'
import { isSameSecret } from '../secrets.ts'
import { defined } from './defined.ts'
import { json } from './json.ts'
import type { Api } from './kit.ts'

/** Operations that need neither session nor key, by method and path below `/api/v1`. */
export const publicOperations: ReadonlyArray<{ method: string; path: RegExp }> = [
  { method: 'GET', path: /^\/setup$/ },
  { method: 'POST', path: /^\/setup$/ },
  { method: 'GET', path: /^\/invitations\/by-token\/[^/]+$/ },
  { method: 'POST', path: /^\/invitations\/by-token\/[^/]+\/accept$/ },
]

export type PeopleOptions = {
  keys: SessionKeys
  sendMail: SendMail | null
  /** Guards the first set-up. */
  setupToken: string
}

export const { version } = JSON.parse(
  readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'),
) as {
  version: string
}

export function peopleRoutes(api: Api, system: System, { keys, sendMail, setupToken }: PeopleOptions) {
  const withInstallation = (me: Me) => ({
    ...me,
    installation: {
      version,
      sandbox: system.hasSandbox,
      mail: sendMail !== null,
      origin: system.origin,
    },
  })
  return {
    setup: {
      show: api.setup.show.handler(async () => ({
        initialised: await hasOwner(system.db),
        sandbox: system.hasSandbox,
        mail: sendMail !== null,
      })),
      run: api.setup.run.handler(async ({ context, input }) => {
        if (!isSameSecret(input.token, setupToken)) {
          throw new LitfassError('setup_token_invalid', 'The one-time set-up token is missing or wrong', {
            remedy: 'Open the link that the server printed when it started.',
          })
        }
        const { userId, ...made } = await setUp(system.db, input, system.now())
        context.setCookie(await openSession(system.db, userId, keys, system.now()))
        return made
      }),
    },
    account: {
      show: api.account.show.handler(async ({ context }) =>
        withInstallation(await whoAmI(system, context.actor)),
      ),
      change: api.account.change.handler(async ({ context, input }) =>
        withInstallation(await changeMe(system, context.actor, defined(input))),
      ),
      data: api.account.data.handler(async ({ context }) => json(await ownData(system, context.actor))),
      erase: api.account.erase.handler(({ context, input }) => eraseMe(system, context.actor, input.email)),
    },
    workspaces: {
      list: api.workspaces.list.handler(async ({ context }) => ({
        items: await listWorkspaces(system, context.actor),
      })),
      change: api.workspaces.change.handler(({ context, input: { id, ...change } }) =>
        changeWorkspace(system, context.actor, id, defined(change)),
      ),
    },
    members: {
      data: api.members.data.handler(async ({ context, input }) =>
        json(await memberData(system, context.actor, input.id)),
      ),
      list: api.members.list.handler(async ({ context }) => ({
        items: json((await listMembers(system.db, context.actor)).map(withoutUser)),
      })),
      change: api.members.change.handler(async ({ context, input }) =>
        json(withoutUser(await changeRole(system, context.actor, input.id, input.role))),
      ),
      remove: api.members.remove.handler(async ({ context, input }) => {
        await removeMember(system, context.actor, input.id)
        return { id: input.id }
      }),
      resetPassword: api.members.resetPassword.handler(async ({ context, input }) =>
        json(await createPasswordLink(system, context.actor, input.id)),
      ),
    },
    invitations: {
      list: api.invitations.list.handler(async ({ context }) => ({
        items: json(await listInvitations(system, context.actor)),
      })),
      create: api.invitations.create.handler(async ({ context, input }) =>
        json(await invite(system, context.actor, input, sendMail)),
      ),
      revoke: api.invitations.revoke.handler(async ({ context, input }) => {
        await revokeInvitation(system, context.actor, input.id)
        return { id: input.id }
      }),
      show: api.invitations.show.handler(({ input }) => showInvitation(system, input.token)),
      accept: api.invitations.accept.handler(async ({ context, input }) => {
        const { userId, ...accepted } = await acceptInvitation(system, defined(input))
        context.setCookie(await openSession(system.db, userId, keys, system.now()))
        return accepted
      }),
    },
  }
}

function withoutUser<Row extends { userId: unknown }>({ userId: _, ...row }: Row): Omit<Row, 'userId'> {
  return row
}
