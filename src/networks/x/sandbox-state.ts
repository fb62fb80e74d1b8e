/** What X's simulator knows: accounts, what it keeps, and how a problem looks in both dialects. */
import {
  audienceOf,
  hash,
  jsonResponse,
  type SandboxContext,
  type SandboxRequest,
  type SandboxResponse,
} from '../sandbox-kit.ts'

export type Account = { id: string; username: string; name: string }
export type Grant = { accountId: string; clientId: string; family: string; scope: string }
type Code = Omit<Grant, 'family'> & { redirectUri: string; challenge: string; expiresAt: number }
type Token = Grant & { expiresAt: number }
type Refresh = Grant & { used: boolean; expiresAt: number }

export type Media = {
  id: string
  owner: string
  type: string
  total: number
  /** File of each segment by its index; one file under `0` once the upload is done. */
  segments: Record<string, string>
  done: boolean
  expiresAt: number
  alt: string
}

export type LinkEntity = { start: number; end: number; url: string; expanded_url: string; media_key?: string }

export type Post = {
  id: string
  owner: string
  written: string
  text: string
  urls: LinkEntity[]
  images: Array<{ altText: string; file?: string }>
  createdAt: number
  url: string
  deleted: boolean
  key: string
}

type Window = { startedAt: number; count: number }

/** How the simulator misbehaves on purpose; read by tests and by the sandbox's owner. */
export type XSandboxSettings = {
  dialect?: 'old' | 'new'
  billing?: 'depleted' | 'spend-cap' | 'usage-cap'
  accessSeconds?: number
}

export type Headers = Record<string, string>
export type Caller = { token: Token; account: Account }
const twitterEpoch = 1_288_834_974_657

/** More accounts to choose from; any other handle may be asked for too. */
export const usernames = ['litfass', 'litfass_cafe', 'litfass_books']

const displayNames: Readonly<Record<string, string>> = {
  litfass: 'Litfass Column',
  litfass_cafe: 'Litfass Cafe',
  litfass_books: 'Litfass Books',
}

export function openState(context: SandboxContext) {
  const settings = context.collection<XSandboxSettings>('settings')
  return {
    accounts: context.collection<Account>('accounts'),
    codes: context.collection<Code>('codes'),
    tokens: context.collection<Token>('tokens'),
    refreshes: context.collection<Refresh>('refreshes'),
    media: context.collection<Media>('media'),
    posts: context.collection<Post>('posts'),
    windows: context.collection<Window>('windows'),
    settings,
    /** Posts left by order of a fault. */
    quota: context.collection<number>('quota'),
    charges: context.collection<{ count: number; micros: number }>('charges'),
    /** The UTC day on which an app last read an item. */
    readOn: context.collection<string>('read-on'),
    /** Posts that were read, each once on a UTC day, by day. */
    consumed: context.collection<number>('consumed'),
    priceChanges: context.collection<Readonly<Record<string, string>>>('price-changes'),
    files: context.files,
    audience: audienceOf(context),
    now: () => context.now().getTime(),
    config: () => settings.get('x') ?? {},
    timelines: new Map<string, string[]>(),
    recentByKey: new Map<string, string>(),
    sequence: 0n,
  }
}

export type State = ReturnType<typeof openState>

export function index(state: State, post: Post): void {
  const timeline = state.timelines.get(post.owner)
  if (timeline) timeline.push(post.id)
  else state.timelines.set(post.owner, [post.id])
  state.recentByKey.set(post.key, post.id)
}

/** Any handle may be asked for, so that a benchmark can have as many accounts as it likes. */
export function accountOf(state: State, username: string): Account {
  const id = String(1_000_000_000 + hash(username))
  const known = state.accounts.get(id)
  if (known) return known
  const account = { id, username, name: displayNames[username] ?? username }
  state.accounts.set(id, account)
  return account
}

export function nextId(state: State): string {
  state.sequence = (state.sequence + 1n) % 4_194_304n
  const id = ((BigInt(state.now() - twitterEpoch) << 22n) | state.sequence).toString()
  return state.posts.get(id) || state.media.get(id) ? nextId(state) : id
}

export function problem(
  state: State,
  status: number,
  type: string,
  title: string,
  detail: string,
  more: object = {},
) {
  const host = state.config().dialect === 'new' ? 'api.x.com' : 'api.twitter.com'
  const url = type === 'about:blank' ? type : `https://${host}/2/problems/${type}`
  return jsonResponse(status, { title, detail, type: url, status, ...more })
}

export function unauthorised(state: State): SandboxResponse {
  return problem(state, 401, 'about:blank', 'Unauthorized', 'Unauthorized')
}

export function badRequest(state: State, detail: string): SandboxResponse {
  return problem(state, 400, 'invalid-request', 'Invalid Request', detail, { errors: [{ message: detail }] })
}

export function dialectOf(state: State, request: SandboxRequest): 'old' | 'new' {
  const asked = request.headers['x-sandbox-dialect']
  return asked === 'new' || asked === 'old' ? asked : (state.config().dialect ?? 'old')
}

/** Sentences that are the only carrier of what they say. */
export const sentences = {
  duplicate: 'You are not allowed to create a Tweet with duplicate content.',
  cashtag: 'Only one cashtag is allowed per post.',
  reply:
    'Reply to this conversation is not allowed because you have not been mentioned or otherwise engaged by the author of the post you are replying to.',
  notPermitted: 'You are not permitted to perform this action.',
}
