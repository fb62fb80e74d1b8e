/** People and their place: set-up, who I am, workspaces, members, invitations, keys. */
import { oc } from '@orpc/contract'
import { z } from 'zod'
import { id, instant, isText, locale, notText, role } from './common.ts'

const name = z.string().trim().min(1).max(100).refine(isText, notText)
const email = z.email().max(254)
/** At least 10 characters; length is what makes a password strong. */
export const password = z.string().min(10).max(200)
const timeZone = z.string().min(1).max(64)

const workspace = z.object({ id, name: z.string(), timeZone: z.string() })
export const me = z.object({
  member: z.object({ id, name: z.string(), email: z.string(), role, locale: locale.nullable() }),
  workspace,
  /** All workspaces of this person; a request names another one in the header `litfass-workspace`. */
  workspaces: z.array(z.object({ id, name: z.string(), role })),
  installation: z.object({
    version: z.string(),
    sandbox: z.boolean(),
    /** Whether mail can be sent. */
    mail: z.boolean(),
    origin: z.string(),
  }),
})

/** Set-up without a browser, used by `litfass init`. */
export const initialiseInput = z.object({
  workspace: name.default('Litfass'),
  name: name.default('Owner'),
  email: email.default('owner@localhost.invalid'),
  timeZone: timeZone.default('UTC'),
})

export const setup = {
  show: oc
    .route({ method: 'GET', path: '/setup', summary: 'Whether this installation has an owner. Public.' })
    .output(z.object({ initialised: z.boolean(), sandbox: z.boolean(), mail: z.boolean() })),
  run: oc
    .route({
      method: 'POST',
      path: '/setup',
      summary: 'First set-up with the one-time token of the printed link. Public; signs the owner in.',
      successStatus: 201,
    })
    .input(
      z.object({
        token: z.string().max(200),
        workspace: name,
        name,
        email,
        password,
        timeZone,
        locale: locale.default('en'),
      }),
    )
    .output(z.object({ workspaceId: id, ownerId: id })),
}

const personalData = z.object({
  exportedAt: instant,
  /** Null where only one workspace’s share of a person is shown. */
  account: z
    .object({ email: z.string(), name: z.string(), locale: z.string().nullable(), createdAt: instant })
    .nullable(),
  sessions: z.array(
    z.object({
      createdAt: instant,
      expiresAt: instant,
      ipAddress: z.string().nullable(),
      userAgent: z.string().nullable(),
    }),
  ),
  memberships: z.array(
    z.object({
      id,
      workspaceId: id,
      workspace: z.string(),
      name: z.string(),
      email: z.string(),
      role,
      createdAt: instant,
      /** Calls to networks that this person caused; the ledger holds counts and no content. */
      accessRecords: z.number().int(),
    }),
  ),
  keys: z.array(
    z.object({
      id,
      name: z.string(),
      prefix: z.string(),
      createdAt: instant,
      lastUsedAt: instant.nullable(),
      revokedAt: instant.nullable(),
    }),
  ),
  invitations: z.array(
    z.object({
      id,
      email: z.string(),
      role,
      createdAt: instant,
      acceptedAt: instant.nullable(),
      /** Whether it was theirs; else they sent it. */
      isOwn: z.boolean(),
    }),
  ),
  posts: z.array(
    z.object({
      id,
      workspaceId: id,
      text: z.string(),
      firstComment: z.string(),
      variants: z.array(z.string()),
      isDraft: z.boolean(),
      createdAt: instant,
      updatedAt: instant,
    }),
  ),
})

export const account = {
  data: oc
    .route({ method: 'GET', path: '/me/data', summary: 'All personal data about me, in all my workspaces' })
    .output(personalData),
  erase: oc
    .route({
      method: 'POST',
      path: '/me/erase',
      summary: 'Erase me: name, address, password, sessions, keys; what I wrote stays the workspace’s',
    })
    .input(
      z.object({
        /** My own address, to show that I mean it. */
        email: z.string().max(254),
      }),
    )
    .output(z.object({ workspaces: z.number().int() })),
  show: oc.route({ method: 'GET', path: '/me', summary: 'Who is signed in, and where' }).output(me),
  change: oc
    .route({ method: 'PATCH', path: '/me', summary: 'Change my name or language' })
    .input(z.object({ name: name.optional(), locale: locale.optional() }))
    .output(me),
}

export const workspaces = {
  list: oc
    .route({ method: 'GET', path: '/workspaces', summary: 'My workspaces' })
    .output(z.object({ items: z.array(workspace) })),
  change: oc
    .route({
      method: 'PATCH',
      path: '/workspaces/{id}',
      summary: 'Change name or time zone; what is scheduled keeps its instant',
    })
    .input(z.object({ id, name: name.optional(), timeZone: timeZone.optional() }))
    .output(workspace),
}

const member = z.object({
  id,
  name: z.string(),
  email: z.string(),
  role,
  createdAt: instant,
  /** Whether the person can sign in with a password. */
  canSignIn: z.boolean(),
})
export const members = {
  list: oc
    .route({ method: 'GET', path: '/members', summary: 'Members of the workspace' })
    .output(z.object({ items: z.array(member) })),
  change: oc
    .route({ method: 'PATCH', path: '/members/{id}', summary: 'Change a role; the last owner stays owner' })
    .input(z.object({ id, role }))
    .output(member),
  data: oc
    .route({
      method: 'GET',
      path: '/members/{id}/data',
      summary: 'Personal data this workspace holds of a member',
    })
    .input(z.object({ id }))
    .output(personalData),
  remove: oc
    .route({ method: 'DELETE', path: '/members/{id}', summary: 'Remove a member; what they wrote stays' })
    .input(z.object({ id }))
    .output(z.object({ id })),
  resetPassword: oc
    .route({
      method: 'POST',
      path: '/members/{id}/password-link',
      summary: 'A link with which the member sets a new password, valid one hour; works without mail',
      successStatus: 201,
    })
    .input(z.object({ id }))
    .output(z.object({ url: z.string(), expiresAt: instant })),
}

const invitation = z.object({ id, email: z.string(), role, createdAt: instant, expiresAt: instant })
export const invitations = {
  list: oc
    .route({ method: 'GET', path: '/invitations', summary: 'Open invitations' })
    .output(z.object({ items: z.array(invitation) })),
  create: oc
    .route({
      method: 'POST',
      path: '/invitations',
      summary: 'Invite; the link is answered once, and mailed where mail is set up',
      successStatus: 201,
    })
    .input(z.object({ email, role: z.enum(['admin', 'editor', 'viewer']) }))
    .output(invitation.extend({ url: z.string(), mailed: z.boolean() })),
  revoke: oc
    .route({ method: 'DELETE', path: '/invitations/{id}', summary: 'Revoke an invitation' })
    .input(z.object({ id }))
    .output(z.object({ id })),
  show: oc
    .route({
      method: 'GET',
      path: '/invitations/by-token/{token}',
      summary: 'What an invitation is for. Public.',
    })
    .input(z.object({ token: z.string().max(200) }))
    .output(z.object({ workspace: z.string(), email: z.string(), role, hasAccount: z.boolean() })),
  accept: oc
    .route({
      method: 'POST',
      path: '/invitations/by-token/{token}/accept',
      summary: 'Accept; makes the account where there is none and signs it in. Public.',
    })
    .input(
      z.object({
        token: z.string().max(200),
        /** For a new account. */
        name: name.optional(),
        /** The new account's, or the existing one's. */
        password: z.string().max(200),
        locale: locale.default('en'),
      }),
    )
    .output(z.object({ workspaceId: id, memberId: id })),
}

const key = z.object({
  id,
  name: z.string(),
  prefix: z.string(),
  createdAt: instant,
  lastUsedAt: instant.nullable(),
  revokedAt: instant.nullable(),
})
export const keys = {
  list: oc
    .route({ method: 'GET', path: '/keys', summary: 'API keys' })
    .output(z.object({ items: z.array(key) })),
  create: oc
    .route({
      method: 'POST',
      path: '/keys',
      summary: 'Create an API key; it is shown once',
      successStatus: 201,
    })
    .input(z.object({ name }))
    .output(z.object({ id, name: z.string(), apiKey: z.string() })),
  revoke: oc
    .route({ method: 'DELETE', path: '/keys/{id}', summary: 'Revoke an API key' })
    .input(z.object({ id }))
    .output(z.object({ id })),
}

export const backups = {
  create: oc
    .route({
      method: 'POST',
      path: '/backups',
      summary: 'Write a backup into the data folder',
      successStatus: 201,
    })
    .output(
      z.object({
        /** The whole database. `master.key`, without which its secrets stay sealed, is in no backup. */
        file: z.string(),
        rows: z.number().int(),
        /** Media files, beside the file; null where there are none. */
        mediaFolder: z.string().nullable(),
        mediaFiles: z.number().int(),
        /** Media files whose bytes are gone from the data folder already. */
        missingMedia: z.number().int(),
      }),
    ),
}
