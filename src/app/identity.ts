/**
 * Identity by better-auth: signing in and out, and passwords. Accounts are made by set-up and by accepted invitations
 * only. Who belongs to which workspace is `member`, ours (docs/decisions/0004-membership.md).
 */
import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import type { Handle } from '#storage/deliveries.ts'
import { type Locale, resetMail, type SendMail } from './mail.ts'
import { hashPassword, verifyPassword } from './password.ts'
import { type SessionKeys, sessionDays } from './sessions.ts'

export type Identity = {
  /** Answers a request below `/api/auth`. The caller has checked that it comes from our own pages. */
  handle: (request: Request) => Promise<Response>
}

export type IdentityOptions = {
  db: Handle
  keys: SessionKeys
  /** Public URL of this server; it may be known only after listening. */
  origin: () => string
  /** Null where mail is not set up; then no reset is ever mailed. */
  sendMail: SendMail | null
}

/** Seconds a link for a new password works. */
export const resetSeconds = 3_600

/** What a link's token is kept as: who reads the database or a backup cannot use it. */
export function linkDigest(identifier: string): string {
  return createHash('sha256').update(identifier).digest('hex')
}

/** Loaded with the first request: it costs start-up time and memory that a worker never needs. */
export function createIdentity(options: IdentityOptions): Identity {
  let made: Promise<Identity> | undefined
  return {
    handle: async (request) => {
      made ??= build(options)
      return (await made).handle(request)
    },
  }
}

async function build({ db, keys, origin, sendMail }: IdentityOptions): Promise<Identity> {
  const [{ betterAuth }, { createAuthMiddleware }] = await Promise.all([
    import('better-auth'),
    import('better-auth/api'),
  ])
  const columns = { createdAt: 'created_at', updatedAt: 'updated_at' }
  const auth = betterAuth({
    appName: 'Litfass',
    baseURL: origin(),
    basePath: '/api/auth',
    secret: keys.secret,
    database: { db, type: 'postgres' },
    telemetry: { enabled: false },
    logger: { disabled: true },
    // `http/auth.ts` has compared the request's origin with its host already.
    trustedOrigins: (request) => [request?.headers.get('origin') ?? origin()],
    user: { modelName: 'auth_user', fields: { ...columns, emailVerified: 'email_verified' } },
    session: {
      modelName: 'auth_session',
      expiresIn: sessionDays * 86_400,
      disableSessionRefresh: true,
      fields: {
        ...columns,
        userId: 'user_id',
        expiresAt: 'expires_at',
        ipAddress: 'ip_address',
        userAgent: 'user_agent',
      },
    },
    account: {
      modelName: 'auth_account',
      fields: {
        ...columns,
        userId: 'user_id',
        accountId: 'account_id',
        providerId: 'provider_id',
        accessToken: 'access_token',
        refreshToken: 'refresh_token',
        idToken: 'id_token',
        accessTokenExpiresAt: 'access_token_expires_at',
        refreshTokenExpiresAt: 'refresh_token_expires_at',
      },
    },
    verification: {
      modelName: 'auth_verification',
      fields: { ...columns, expiresAt: 'expires_at' },
      storeIdentifier: { hash: async (identifier) => linkDigest(identifier) },
    },
    emailAndPassword: {
      enabled: true,
      disableSignUp: true,
      minPasswordLength: 10,
      maxPasswordLength: 200,
      password: {
        hash: hashPassword,
        verify: ({ hash, password }) => verifyPassword(hash, password),
      },
      resetPasswordTokenExpiresIn: resetSeconds,
      revokeSessionsOnPasswordReset: true,
      onPasswordReset: async ({ user }) => forgetLinks(db, user.id),
      // Without mail the answer is the same, so that it tells nobody which accounts there are.
      sendResetPassword: async ({ user, token }) => {
        if (!sendMail) return
        await sendMail(
          resetMail(await localeOf(db, user.id), {
            to: user.email,
            url: `${origin()}/reset-password?token=${encodeURIComponent(token)}`,
          }),
        )
      },
    },
    hooks: {
      // Whoever else is signed in may be why the password changes, so it is not the request's to choose.
      before: createAuthMiddleware(async ({ path, body }) =>
        path === '/change-password'
          ? { context: { body: { ...body, revokeOtherSessions: true } } }
          : undefined,
      ),
    },
    // The server's own limits count these requests (`http/limits.ts`).
    rateLimit: { enabled: false },
    advanced: {
      cookiePrefix: 'litfass',
      useSecureCookies: keys.isSecure,
      // Mail goes out after the answer: the time it takes would tell that there is an account.
      backgroundTasks: { handler: (task) => void task },
    },
  })
  return { handle: (request) => auth.handler(request) }
}

/** The links for a new password that this person has not used. */
export async function forgetLinks(db: Handle, userId: string): Promise<void> {
  await sql`delete from auth_verification where value = ${userId}`.execute(db)
}

async function localeOf(db: Handle, userId: string): Promise<Locale> {
  const { rows } = await sql<{ locale: Locale | null }>`
    select locale from auth_user where id = ${userId}`.execute(db)
  return rows[0]?.locale ?? 'en'
}
