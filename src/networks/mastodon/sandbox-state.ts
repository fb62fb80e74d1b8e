/** What Mastodon's simulator knows: accounts, apps, tokens, uploads and posts, and how it says no. */
import {
  audienceOf,
  bearerOf,
  hash,
  jsonResponse,
  type SandboxContext,
  type SandboxRequest,
  type SandboxResponse,
} from '../sandbox-kit.ts'

export type Account = { id: string; username: string; name: string }
export type App = { clientId: string; secret: string; redirectUris: string[]; scopes: string[] }
export type Code = {
  accountId: string
  clientId: string
  redirectUri: string
  challenge: string
  scope: string
  expiresAt: number
}
export type Token = { accountId: string; clientId: string; scope: string }
export type Upload = {
  id: string
  owner: string
  file: string
  type: 'image' | 'gifv'
  description: string
  readyAt: number
}
export type Status = {
  id: string
  owner: string
  text: string
  mediaIds: string[]
  /** The post it answers. */
  replyTo?: string
  createdAt: number
  url: string
  deleted: boolean
}
export type Key = { statusId: string; at: number }
export type Window = { startedAt: number; count: number }

/** The accounts to sign in to. Any other name may be used as well. */
export const usernames = ['litfass', 'cafe', 'books']
const names: Readonly<Record<string, string>> = {
  litfass: 'Litfass Column',
  cafe: 'Litfass Cafe',
  books: 'Litfass Books',
}

export function openState(context: SandboxContext) {
  return {
    accounts: context.collection<Account>('accounts'),
    apps: context.collection<App>('apps'),
    codes: context.collection<Code>('codes'),
    tokens: context.collection<Token>('tokens'),
    uploads: context.collection<Upload>('uploads'),
    statuses: context.collection<Status>('statuses'),
    keys: context.collection<Key>('keys'),
    windows: context.collection<Window>('windows'),
    /** Posts left by order of a fault. */
    quota: context.collection<number>('quota'),
    files: context.files,
    audience: audienceOf(context),
    now: () => context.now().getTime(),
    lastId: 0n,
  }
}
export type State = ReturnType<typeof openState>

/** Any name has its account, so that a benchmark can have as many as it likes. */
export function accountOf(state: State, username: string): Account {
  const id = `109${String(hash(username)).padStart(10, '0')}`
  const known = state.accounts.get(id)
  if (known) return known
  const account = { id, username, name: names[username] ?? username }
  state.accounts.set(id, account)
  return account
}

/** Grows with time, as the real ones do: milliseconds, then a number. */
export function newId(state: State): string {
  const least = BigInt(state.now()) << 16n
  state.lastId = least > state.lastId ? least : state.lastId + 1n
  while (state.statuses.get(String(state.lastId)) || state.uploads.get(String(state.lastId)))
    state.lastId += 1n
  return String(state.lastId)
}

export function problem(
  status: number,
  error: string,
  headers: Record<string, string> = {},
): SandboxResponse {
  return jsonResponse(status, { error }, headers)
}

export const invalidToken = () => problem(401, 'The access token is invalid')
export const notFound = () => problem(404, 'Record not found')
export const invalid = (what: string) => problem(422, `Validation failed: ${what}`)

/** Whose token came along, or the refusal of an instance. `write` includes `write:media`. */
export function callerOf(
  state: State,
  request: SandboxRequest,
  scope: string,
): { account: Account } | { response: SandboxResponse } {
  const token = state.tokens.get(bearerOf(request) ?? '')
  const account = state.accounts.get(token?.accountId ?? '')
  if (!token || !account) return { response: invalidToken() }
  const granted = token.scope.split(' ')
  if (!granted.includes(scope) && !granted.includes(scope.split(':')[0] ?? ''))
    return { response: problem(403, 'This action is outside the authorized scopes') }
  return { account }
}

export function described(
  { id, username, name }: Account,
  baseUrl: string,
  figures: { followers: number; statuses: number },
): object {
  return {
    id,
    username,
    acct: username,
    display_name: name,
    locked: false,
    bot: false,
    created_at: '2024-01-01T00:00:00.000Z',
    note: '',
    url: `${baseUrl}/@${username}`,
    uri: `${baseUrl}/users/${username}`,
    followers_count: figures.followers,
    following_count: 120,
    statuses_count: figures.statuses,
    emojis: [],
    fields: [],
  }
}
