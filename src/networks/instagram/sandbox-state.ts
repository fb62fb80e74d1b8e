/** What Instagram's simulator knows: accounts and people, what it keeps, and how it says no. */
import { graphRefusal, nextGraphId, type Refusal } from '../graph-sandbox.ts'
import { audienceOf, type SandboxContext, type SandboxRequest, type SandboxResponse } from '../sandbox-kit.ts'

export type Account = { id: string; username: string; name: string }
type Page = { id: string; name: string; account?: Account }
export type LoginKind = 'instagram' | 'facebook-login'

/** Who consented: an account with Instagram Login, a person with Facebook Login. */
type Person = { id: string; name: string; pages: Page[] }

export type Code = {
  login: LoginKind
  ownerId: string
  pageIds: string[]
  redirectUri: string
  scopes: string[]
  createdAt: number
}

export type Token = {
  login: LoginKind
  kind: 'short' | 'long' | 'page'
  ownerId: string
  /** Pages the person ticked. */
  pageIds: string[]
  /** The one Instagram account a page token acts for. */
  accountId?: string
  scopes: string[]
  issuedAt: number
  expiresAt: number | null
  dataAccessExpiresAt: number | null
  dead: boolean
}

export type Container = {
  accountId: string
  kind: 'image' | 'item' | 'carousel'
  caption: string
  images: Array<{ altText: string; file: string }>
  createdAt: number
  publishedAt: number | null
}

export type Media = {
  accountId: string
  caption: string
  images: Array<{ altText: string; file: string }>
  publishedAt: number
  shortcode: string
  permalink: string
  deleted: boolean
}

export type Comment = { mediaId: string; text: string; createdAt: number; deleted: boolean }

export const hour = 3_600_000
export const day = 24 * hour
export const studio: Account = { id: '17841400000000003', username: 'litfass_studio', name: 'Litfass Studio' }

/** Accounts to sign in as with Instagram Login; the first is preset. */
export const professionals: readonly Account[] = [
  studio,
  { id: '17841400000000005', username: 'litfass_kiosk', name: 'Litfass Kiosk' },
  { id: '17841400000000006', username: 'litfass_press', name: 'Litfass Press' },
]

/** With Instagram Login `/me` calls the account by an id of its own for each app. */
export const appScopedId = (account: Account) => `2501${account.id.slice(4)}`

const pages: Page[] = [
  {
    id: '104000000000001',
    name: 'Litfass Cafe',
    account: { id: '17841400000000001', username: 'litfass_cafe', name: 'Litfass Cafe' },
  },
  {
    id: '104000000000002',
    name: 'Litfass Books',
    account: { id: '17841400000000002', username: 'litfass_books', name: 'Litfass Books' },
  },
  { id: '104000000000004', name: 'Page without Instagram' },
]

/** People to sign in as with Facebook Login; the first is preset. */
export const people: readonly [Person, ...Person[]] = [
  { id: '122000000000009', name: 'Sandbox account', pages },
  {
    id: '122000000000010',
    name: 'Second sandbox account',
    pages: [
      {
        id: '104000000000005',
        name: 'Litfass Cinema',
        account: { id: '17841400000000007', username: 'litfass_cinema', name: 'Litfass Cinema' },
      },
    ],
  },
]

export const personById = (id: string | null) => people.find((one) => one.id === id) ?? people[0]
export const professionalById = (id: string | null) => professionals.find((one) => one.id === id) ?? studio

export function accountById(id: string): Account | undefined {
  const linked = people.flatMap((person) => person.pages).flatMap((page) => page.account ?? [])
  return [...professionals, ...linked].find((account) => account.id === id)
}

export type State = ReturnType<typeof openState>

export function openState(context: SandboxContext) {
  return {
    now: () => context.now().getTime(),
    fetchMedia: context.fetchMedia,
    files: context.files,
    audience: audienceOf(context),
    codes: context.collection<Code>('codes'),
    tokens: context.collection<Token>('tokens'),
    containers: context.collection<Container>('containers'),
    media: context.collection<Media>('media'),
    comments: context.collection<Comment>('comments'),
    counters: context.collection<number>('counters'),
    /** Posts left by order of a fault. */
    quota: context.collection<number>('quota'),
    byShortcode: new Map(
      context
        .collection<Media>('media')
        .entries()
        .map(([id, media]) => [media.shortcode, id]),
    ),
  }
}

export function nextId(state: State, prefix: string): string {
  return nextGraphId(state.counters, prefix)
}

export const errorType = (login: LoginKind) => (login === 'instagram' ? 'IGApiException' : 'OAuthException')

export function refuse(
  login: LoginKind,
  refusal: Refusal,
  headers: Record<string, string> = {},
): SandboxResponse {
  return graphRefusal(errorType(login), refusal, headers)
}

export function notFound(login: LoginKind): SandboxResponse {
  return refuse(login, { code: 2500, message: 'Unknown path components' })
}

export function missing(login: LoginKind): SandboxResponse {
  return refuse(login, { code: 100, subcode: 33, message: 'Unsupported request. Object does not exist' })
}

export type Call = {
  state: State
  login: LoginKind
  token: Token
  params: URLSearchParams
  request: SandboxRequest
}

export function mayUse(call: Call, account: Account): boolean {
  if (call.login === 'instagram') return account.id === call.token.ownerId
  if (call.token.kind === 'page') return call.token.accountId === account.id
  return grantedPages(call.token).some((page) => page.account?.id === account.id)
}

export function grantedPages(token: Token): Page[] {
  return personById(token.ownerId).pages.filter((page) => token.pageIds.includes(page.id))
}

export function scopeMissing(call: Call, name: string): SandboxResponse | null {
  const wanted = call.login === 'instagram' ? `instagram_business_${name}` : `instagram_${name}`
  if (call.token.scopes.includes(wanted)) return null
  return refuse(call.login, { code: 10, message: 'Application does not have permission for this action' })
}
