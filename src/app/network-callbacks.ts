/**
 * What networks tell us about people who leave, without a person of ours: proved by the secret of the app, which is
 * the installation's or a workspace's own.
 */
import { createHmac } from 'node:crypto'
import { sql } from 'kysely'
import { LitfassError } from '#domain/errors.ts'
import { after, type EndReason } from '#domain/retention.ts'
import type { CallbackKind, LoginMethod, NetworkCallbacks } from '#networks/contract.ts'
import { disconnect } from './connections.ts'
import { appsOf } from './known-apps.ts'
import { orderForConnection } from './order-deletion.ts'
import type { System } from './system.ts'

/** Both clocks may be a little wrong: what was said so soon before a sign-in may be meant for it. */
const tolerated = 'PT1H'

const reasons: Readonly<Record<CallbackKind, EndReason>> = {
  deauthorize: 'disconnected',
  'data-deletion': 'request',
}

export type CallbackAnswer = Record<string, string>

/**
 * Believes the body or throws `not_found` where no callback is expected and `grant_invalid` where nobody can have
 * signed it. The same callback again gets the same answer and orders nothing twice.
 */
export async function answerCallback(
  system: System,
  loginId: string,
  kind: CallbackKind,
  body: string,
): Promise<CallbackAnswer> {
  const known = system.loginById(loginId)
  const callbacks = known?.network.callbacks
  if (!known || !callbacks)
    throw new LitfassError('not_found', `No callbacks are expected for ${loginId}`, {
      remedy: 'Enter the address that Litfass shows for the app.',
    })
  const { login } = known
  const believed = await believedBy(system, login, callbacks, body)
  const [first] = believed
  if (!first)
    throw new LitfassError(
      'grant_invalid',
      'The callback is not signed with the secret of an app known here',
      {
        remedy: `Enter the app secret of ${login.name} under network apps; the network sends the callback again.`,
      },
    )
  const { remoteAccountId, saidAt } = first.word
  const code = codeOf(system, [login.id, kind, remoteAccountId, saidAt.toISOString()])
  for (const { workspaceIds } of believed)
    await leave(system, { login: login.id, workspaceIds, remoteAccountId, saidAt, kind, code })
  return callbacks.answer(kind, { url: `${system.origin}/data-deletion/${code}`, code })
}

/** For which workspaces the body is proved: those that use an app whose secret signed it. */
async function believedBy(system: System, login: LoginMethod, callbacks: NetworkCallbacks, body: string) {
  const apps = await appsOf(system, login)
  return apps.flatMap(({ app, workspaceIds }) => {
    const word = callbacks.read(body, app)
    return word === null ? [] : [{ word, workspaceIds }]
  })
}

type Leaving = {
  login: string
  workspaceIds: readonly string[]
  remoteAccountId: string
  saidAt: Date
  kind: CallbackKind
  code: string
}

async function leave(system: System, leaving: Leaving): Promise<void> {
  const { login, workspaceIds, remoteAccountId, saidAt, kind, code } = leaving
  const now = system.now()
  await system.db.transaction().execute(async (transaction) => {
    const { rows } = await sql<{ id: string; workspaceId: string; network: string; state: string }>`
      select id, workspace_id as "workspaceId", network, state from connection
      where workspace_id = any(${[...workspaceIds]}::text[]) and login = ${login} and not sandbox
        and (remote_account_id = ${remoteAccountId} or callback_id = ${remoteAccountId})
        and (read_at is null or read_at <= ${after(saidAt, tolerated)}) order by id for update`.execute(
      transaction,
    )
    for (const { id, workspaceId, network, state } of rows) {
      const order = {
        reason: reasons[kind],
        askedBy: 'network',
        receivedAt: saidAt < now ? saidAt : now,
        code,
      }
      const ordered = await orderForConnection(system, transaction, { id, workspaceId, network }, order, now)
      if (ordered === null || state === 'disconnected') continue
      const why = 'The account’s owner removed Litfass on the network, or asked to have the data deleted'
      await disconnect(transaction, { workspaceId }, id, why, now)
    }
  })
}

const codeLength = 20
const markLength = 10

/** Says nothing of the person, and is the same when the network repeats itself. Letters and digits only. */
function codeOf(system: System, said: readonly string[]): string {
  const name = marked(system, ['deletion', ...said]).slice(0, codeLength)
  return `${name}${marked(system, ['deletion-code', name]).slice(0, markLength)}`
}

function marked(system: System, parts: readonly string[]): string {
  return createHmac('sha256', system.mediaKey).update(parts.join('\n')).digest('hex')
}

export type DeletionState = { isDone: boolean; askedAt: Date | null; doneAt: Date | null }

/** How far the deletion behind a code is; anybody who has the code may see it. Null for one that was never given. */
export async function deletionState(system: System, code: string): Promise<DeletionState | null> {
  const name = code.slice(0, codeLength)
  if (code !== `${name}${marked(system, ['deletion-code', name]).slice(0, markLength)}`) return null
  const { rows } = await sql<{ receivedAt: Date; doneAt: Date | null }>`
    select received_at as "receivedAt", done_at as "doneAt" from deletion where code = ${code}`.execute(
    system.db,
  )
  const askedAt = rows[0]?.receivedAt ?? null
  if (rows.some(({ doneAt }) => doneAt === null)) return { isDone: false, askedAt, doneAt: null }
  const done = rows.flatMap(({ doneAt }) => (doneAt === null ? [] : [doneAt.getTime()]))
  return { isDone: true, askedAt, doneAt: done.length === 0 ? null : new Date(Math.max(...done)) }
}
