/** What each role may do. One table; every use case that changes something asks it. */
import { LitfassError } from '#domain/errors.ts'
import type { Actor } from './system.ts'

const ranks = { viewer: 0, editor: 1, admin: 2, owner: 3 } as const

/** Throws `not_allowed` where the actor's role is below `least`. */
export function requireRole(actor: Actor, least: Actor['role']): void {
  if (ranks[actor.role] >= ranks[least]) return
  throw new LitfassError('not_allowed', `This needs the role ${least}; yours is ${actor.role}`, {
    remedy: 'Ask an owner or admin of the workspace to do it or to change your role.',
  })
}
