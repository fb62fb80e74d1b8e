/**
 * Instagram's simulator: both logins, containers, quotas, insights and the ways it says no.
 *
 * One mount speaks for five hosts; the first path segment names the real one. Accounts and audiences are
 * fixed, so that a demonstration and a test see the same figures. Figures lag by some seconds instead of
 * up to 48 hours.
 *
 * Not simulated: video, reels and stories, resumable uploads, comments and mentions, collaborators, tags
 * and locations, aspect ratio and pixel checks, demographics, webhooks, business-owned pages, ads.
 */
import { randomBytes } from 'node:crypto'
import { textProblems } from '#domain/text.ts'
import type { LoginMethod, NetworkHosts } from '../contract.ts'
import { graphErrors, graphStatus } from '../graph-sandbox.ts'
import {
  audienceOf,
  bearerOf,
  chosenPages,
  type Effect,
  formOf,
  hash,
  jsonResponse,
  redirect,
  type CreateSandbox,
  type RefusalKind,
  type SandboxContext,
  type SandboxRequest,
  type SandboxResponse,
  type WallPost,
} from '../sandbox-kit.ts'
import { consentPage } from '../sandbox-pages.ts'
import { definition } from './definition.ts'
import { instagramRows } from './errors.ts'

/** The five real hosts, below the simulator's mount. */
export function sandboxHosts(login: LoginMethod, baseUrl: string): NetworkHosts {
  if (login.id === 'instagram-facebook') {
    return {
      apiUrl: `${baseUrl}/graph.facebook.com`,
      uploadUrl: `${baseUrl}/graph.facebook.com`,
      authorizeUrl: `${baseUrl}/www.facebook.com/dialog/oauth`,
      tokenUrl: `${baseUrl}/graph.facebook.com/oauth/access_token`,
    }
  }
  return {
    apiUrl: `${baseUrl}/graph.instagram.com`,
    uploadUrl: `${baseUrl}/graph.instagram.com`,
    authorizeUrl: `${baseUrl}/www.instagram.com/oauth/authorize`,
    tokenUrl: `${baseUrl}/api.instagram.com/oauth/access_token`,
  }
}

type Account = { id: string; username: string; name: string }
type Page = { id: string; name: string; account?: Account }
type LoginKind = 'instagram' | 'facebook-login'
/** Who consented: an account with Instagram Login, a person with Facebook Login. */
type Person = { id: string; name: string; pages: Page[] }
type Code = {
  login: LoginKind
  ownerId: string
  pageIds: string[]
  redirectUri: string
  scopes: string[]
  createdAt: number
}
type Token = {
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
type Container = {
  accountId: string
  kind: 'image' | 'item' | 'carousel'
  caption: string
  images: Array<{ altText: string; file: string }>
  createdAt: number
  publishedAt: number | null
}
type Media = {
  accountId: string
  caption: string
  images: Array<{ altText: string; file: string }>
  publishedAt: number
  shortcode: string
  permalink: string
  deleted: boolean
}

const hour = 3_600_000
const day = 24 * hour
const processingMs = 1_000
const publishLimit = 50
const containerLimit = 400
const lagSeconds = 15

const studio: Account = { id: '17841400000000003', username: 'litfass_studio', name: 'Litfass Studio' }
/** Accounts to sign in as with Instagram Login; the first is preset. */
const professionals: readonly Account[] = [
  studio,
  { id: '17841400000000005', username: 'litfass_kiosk', name: 'Litfass Kiosk' },
  { id: '17841400000000006', username: 'litfass_press', name: 'Litfass Press' },
]
/** With Instagram Login `/me` calls the account by an id of its own for each app. */
const appScopedId = (account: Account) => `2501${account.id.slice(4)}`
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
const people: readonly [Person, ...Person[]] = [
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
const personById = (id: string | null) => people.find((one) => one.id === id) ?? people[0]
const professionalById = (id: string | null) => professionals.find((one) => one.id === id) ?? studio

/** Of feed posts. `facebook_views` fails for what was not shared to Facebook, as everything here. */
const mediaMetrics = [
  'reach',
  'views',
  'likes',
  'comments',
  'saved',
  'shares',
  'reposts',
  'total_interactions',
  'follows',
  'profile_visits',
]
const userMetrics = [
  'reach',
  'views',
  'likes',
  'comments',
  'saves',
  'shares',
  'total_interactions',
  'profile_links_taps',
  'accounts_engaged',
  'replies',
  'reposts',
]

function accountById(id: string): Account | undefined {
  const linked = people.flatMap((person) => person.pages).flatMap((page) => page.account ?? [])
  return [...professionals, ...linked].find((account) => account.id === id)
}

export const createSandbox: CreateSandbox = (context) => {
  const state = openState(context)
  return {
    id: definition.id,
    name: definition.name,
    color: definition.color,
    handle: async (request) => {
      const [, host = '', rest = ''] = /^\/([^/]+)(\/.*)?$/.exec(request.path) ?? []
      const path = rest.replace(/^\/v\d+\.\d+(?=\/)/, '')
      switch (host) {
        case 'www.instagram.com':
        case 'www.facebook.com':
          return authorize(state, request, host === 'www.facebook.com' ? 'facebook-login' : 'instagram', path)
        case 'api.instagram.com':
          return path === '/oauth/access_token' ? instagramToken(state, request) : notFound('instagram')
        case 'graph.instagram.com':
          return graph(state, request, 'instagram', path)
        case 'graph.facebook.com':
          return graph(state, request, 'facebook-login', path)
        default:
          return notFound('instagram')
      }
    },
    wall: () => state.media.entries().map(([id, media]) => wallPost(state, id, media)),
    post: (remoteId) => {
      const media = state.media.get(remoteId)
      return media && wallPost(state, remoteId, media)
    },
    postAt: (path) => state.byShortcode.get(/^\/p\/(\w+)\/?$/.exec(path)?.[1] ?? ''),
    effectOf,
    versionOf: ({ path }) => /^\/[^/]+\/(v\d+\.\d+)\//.exec(path)?.[1],
    errors: graphErrors(instagramRows, (row, request) =>
      refuse(loginOf(request), { ...row, message: row.meaning }),
    ),
    refuse: (kind, request) => refusal(kind, request),
    killTokens: (accountId) => {
      for (const [key, token] of state.tokens.entries()) {
        const isMeant = [undefined, token.ownerId, token.accountId].includes(accountId)
        if (isMeant || accountId === usernameOf(token)) state.tokens.set(key, { ...token, dead: true })
      }
    },
    setQuota: (remaining) =>
      remaining === null ? state.quota.delete('publish') : state.quota.set('publish', remaining),
    kept: ['tokens', 'counters'],
  }
}

type State = ReturnType<typeof openState>

function openState(context: SandboxContext) {
  return {
    now: () => context.now().getTime(),
    fetchMedia: context.fetchMedia,
    files: context.files,
    audience: audienceOf(context),
    codes: context.collection<Code>('codes'),
    tokens: context.collection<Token>('tokens'),
    containers: context.collection<Container>('containers'),
    media: context.collection<Media>('media'),
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

/** Ids of 17 digits, as the network's are: above 2^53, so that one read as a number would lose digits. */
function nextId(state: State, prefix: string): string {
  const number = (state.counters.get(prefix) ?? 0) + 1
  state.counters.set(prefix, number)
  return `${prefix}${String(number).padStart(17 - prefix.length, '0')}`
}

type Refusal = { code: number; subcode?: number; message: string; status?: number; transient?: boolean }

function refuse(login: LoginKind, refusal: Refusal, headers: Record<string, string> = {}): SandboxResponse {
  const { code, subcode, message } = refusal
  const error = {
    message,
    type: login === 'instagram' ? 'IGApiException' : 'OAuthException',
    code,
    ...(subcode === undefined ? {} : { error_subcode: subcode }),
    is_transient: refusal.transient ?? false,
    fbtrace_id: randomBytes(8).toString('base64url'),
  }
  return jsonResponse(refusal.status ?? graphStatus(code), { error }, headers)
}

function notFound(login: LoginKind): SandboxResponse {
  return refuse(login, { code: 2500, message: 'Unknown path components' })
}

function missing(login: LoginKind): SandboxResponse {
  return refuse(login, { code: 100, subcode: 33, message: 'Unsupported request. Object does not exist' })
}

// --- Sign-in -----------------------------------------------------------------------------------------

function authorize(state: State, request: SandboxRequest, login: LoginKind, path: string): SandboxResponse {
  const { query } = request
  const redirectUri = query.get('redirect_uri') ?? ''
  const scope = query.get('scope') ?? ''
  if (path.endsWith('/decide')) return decide(state, query, login)
  if (query.get('client_id') === null || redirectUri === '' || query.get('response_type') !== 'code') {
    return { status: 400, headers: { 'content-type': 'text/plain' }, body: 'Invalid platform app' }
  }
  return consentPage(request, {
    network: login === 'instagram' ? 'Instagram' : 'Instagram with Facebook',
    scopes: scope.split(','),
    accounts:
      login === 'instagram'
        ? professionals.map(({ id, name, username }) => ({ id, name, detail: `@${username}` }))
        : people,
    action: `${request.path}/decide`,
    hidden: { redirect_uri: redirectUri, scope, state: query.get('state') ?? '' },
    redirectUri,
  })
}

function decide(state: State, query: URLSearchParams, login: LoginKind): SandboxResponse {
  const redirectUri = query.get('redirect_uri') ?? ''
  if (!URL.canParse(redirectUri)) return { status: 400, body: 'Invalid redirect_uri' }
  const target = new URL(redirectUri)
  if (query.get('decision') !== 'allow') {
    target.searchParams.set('error', 'access_denied')
    target.searchParams.set('error_reason', 'user_denied')
    target.searchParams.set('error_description', 'The user denied your request')
    target.searchParams.set('state', query.get('state') ?? '')
    return redirect(target.href)
  }
  const code = `AQ${randomBytes(24).toString('base64url')}`
  const account = query.get('account')
  state.codes.set(code, {
    login,
    ownerId: login === 'instagram' ? professionalById(account).id : personById(account).id,
    pageIds: chosenPages(query, personById(account).pages).map((page) => page.id),
    redirectUri,
    scopes: (query.get('scope') ?? '').split(','),
    createdAt: state.now(),
  })
  target.searchParams.set('state', query.get('state') ?? '')
  target.searchParams.set('code', code)
  // Instagram hangs `#_` behind the redirect; it is no part of the code.
  return redirect(login === 'instagram' ? `${target.href}#_` : target.href)
}

/** A code works once, for the redirect it was given to, and for a limited time. */
function takeCode(state: State, login: LoginKind, params: URLSearchParams): Code | null {
  const key = params.get('code') ?? ''
  const code = state.codes.get(key)
  if (!code || code.login !== login) return null
  const lifetime = login === 'instagram' ? hour : 10 * 60_000
  if (state.now() > code.createdAt + lifetime) return null
  if (code.redirectUri !== params.get('redirect_uri')) return null
  if (!params.get('client_id') || !params.get('client_secret')) return null
  state.codes.delete(key)
  return code
}

function issue(state: State, token: Omit<Token, 'issuedAt' | 'dead'>): string {
  const value = `${token.login === 'instagram' ? 'IGAA' : 'EAAB'}${randomBytes(32).toString('hex')}`
  state.tokens.set(value, { ...token, issuedAt: state.now(), dead: false })
  return value
}

/** This endpoint has an error envelope of its own. */
function instagramToken(state: State, request: SandboxRequest): SandboxResponse {
  const form = formOf(request)
  const code = form.get('grant_type') === 'authorization_code' ? takeCode(state, 'instagram', form) : null
  if (!code) {
    return jsonResponse(400, {
      error_type: 'OAuthException',
      code: 400,
      error_message: 'Invalid authorization code',
    })
  }
  const accessToken = issue(state, {
    login: 'instagram',
    kind: 'short',
    ownerId: code.ownerId,
    pageIds: [],
    scopes: code.scopes,
    expiresAt: state.now() + hour,
    dataAccessExpiresAt: null,
  })
  return {
    ...jsonResponse(200, {}),
    body: `{"access_token":"${accessToken}","user_id":${code.ownerId},"permissions":${JSON.stringify(code.scopes)}}`,
  }
}

const longLife = 60 * day

function exchangeInstagram(state: State, query: URLSearchParams): SandboxResponse {
  const token = alive(state, 'instagram', query.get('access_token') ?? '')
  if ('status' in token) return token
  if (token.kind !== 'short' || !query.get('client_secret')) {
    return refuse('instagram', { code: 100, message: 'Unsupported request - session cannot be exchanged' })
  }
  return longToken(state, token, longLife)
}

function refreshInstagram(state: State, query: URLSearchParams): SandboxResponse {
  const token = alive(state, 'instagram', query.get('access_token') ?? '')
  if ('status' in token) return token
  if (token.kind !== 'long' || state.now() < token.issuedAt + day) {
    return refuse('instagram', { code: 100, message: 'The token must be at least 24 hours old' })
  }
  return longToken(state, token, longLife)
}

function longToken(state: State, from: Token, life: number): SandboxResponse {
  const accessToken = issue(state, { ...from, kind: 'long', expiresAt: state.now() + life })
  return jsonResponse(200, {
    access_token: accessToken,
    token_type: 'bearer',
    expires_in: Math.floor(life / 1_000),
  })
}

function facebookToken(state: State, params: URLSearchParams): SandboxResponse {
  if (params.get('grant_type') === 'fb_exchange_token') {
    const token = alive(state, 'facebook-login', params.get('fb_exchange_token') ?? '')
    return 'status' in token ? token : longToken(state, token, 5_183_944_000)
  }
  const code = takeCode(state, 'facebook-login', params)
  if (!code) return refuse('facebook-login', { code: 100, message: 'This authorization code has been used.' })
  const accessToken = issue(state, {
    login: 'facebook-login',
    kind: 'short',
    ownerId: code.ownerId,
    pageIds: code.pageIds,
    scopes: code.scopes,
    expiresAt: state.now() + 2 * hour,
    dataAccessExpiresAt: state.now() + 90 * day,
  })
  return jsonResponse(200, { access_token: accessToken, token_type: 'bearer', expires_in: 7_200 })
}

function debugToken(state: State, query: URLSearchParams): SandboxResponse {
  if (!/^[^|]+\|[^|]+$/.test(query.get('access_token') ?? '')) {
    return refuse('facebook-login', { code: 190, message: 'Invalid OAuth access token.' })
  }
  const token = state.tokens.get(query.get('input_token') ?? '')
  if (!token) return jsonResponse(200, { data: { is_valid: false, scopes: [] } })
  const seconds = (at: number | null) => (at === null ? 0 : Math.floor(at / 1_000))
  return jsonResponse(200, {
    data: {
      app_id: (query.get('access_token') ?? '').split('|')[0],
      type: token.kind === 'page' ? 'PAGE' : 'USER',
      is_valid: !token.dead && (token.expiresAt === null || token.expiresAt > state.now()),
      expires_at: seconds(token.expiresAt),
      data_access_expires_at: seconds(token.dataAccessExpiresAt),
      scopes: token.scopes,
      user_id: token.ownerId,
    },
  })
}

/** The token, or the refusal it earns. */
function alive(state: State, login: LoginKind, value: string): Token | SandboxResponse {
  const token = state.tokens.get(value)
  if (!token || token.login !== login) {
    return refuse(login, { code: 190, message: 'Invalid OAuth access token.' })
  }
  if (token.dead) {
    return refuse(login, { code: 190, subcode: 458, message: 'The user has not authorized application.' })
  }
  if (token.expiresAt !== null && token.expiresAt <= state.now()) {
    return refuse(login, { code: 190, subcode: 463, message: 'Session has expired.' })
  }
  return token
}

// --- Graph -------------------------------------------------------------------------------------------

type Call = {
  state: State
  login: LoginKind
  token: Token
  params: URLSearchParams
  request: SandboxRequest
}

async function graph(
  state: State,
  request: SandboxRequest,
  login: LoginKind,
  path: string,
): Promise<SandboxResponse> {
  const params = new URLSearchParams(request.query)
  if (request.method === 'POST') for (const [name, value] of formOf(request)) params.set(name, value)
  if (login === 'instagram' && path === '/access_token') return exchangeInstagram(state, params)
  if (login === 'instagram' && path === '/refresh_access_token') return refreshInstagram(state, params)
  if (login === 'facebook-login' && path === '/oauth/access_token') return facebookToken(state, params)
  if (login === 'facebook-login' && path === '/debug_token') return debugToken(state, params)

  const token = alive(state, login, params.get('access_token') ?? bearerOf(request) ?? '')
  if ('status' in token) return token
  const call: Call = { state, login, token, params, request }
  const [, id = '', edge = ''] = /^\/([^/]+)(?:\/([^/]+))?$/.exec(path) ?? []
  if (edge === 'permissions' && [token.ownerId, 'me'].includes(id)) return permissions(call)
  if (id === 'me') return me(call, edge)
  if (token.dataAccessExpiresAt !== null && token.dataAccessExpiresAt <= state.now()) {
    return refuse(login, { code: 10, message: 'Data access has expired for this person' })
  }
  const account = accountById(id)
  if (account) return mayUse(call, account) ? accountEdge(call, account, edge) : missing(login)
  const container = state.containers.get(id)
  if (container) return edge === '' ? containerStatus(call, id, container) : notFound(login)
  const media = state.media.get(id)
  if (media && !media.deleted) return mediaEdge(call, id, media, edge)
  return missing(login)
}

function mayUse(call: Call, account: Account): boolean {
  if (call.login === 'instagram') return account.id === call.token.ownerId
  if (call.token.kind === 'page') return call.token.accountId === account.id
  return grantedPages(call.token).some((page) => page.account?.id === account.id)
}

function grantedPages(token: Token): Page[] {
  return personById(token.ownerId).pages.filter((page) => token.pageIds.includes(page.id))
}

/** What was granted with Facebook Login; deleting it ends every token of that person. */
function permissions({ state, login, token, request }: Call): SandboxResponse {
  if (login === 'instagram') return notFound(login)
  if (request.method !== 'DELETE') {
    const data = token.scopes.map((permission) => ({ permission, status: 'granted' }))
    return jsonResponse(200, { data })
  }
  for (const [key, other] of state.tokens.entries())
    if (other.login === login && other.ownerId === token.ownerId)
      state.tokens.set(key, { ...other, dead: true })
  return jsonResponse(200, { success: true })
}

function me(call: Call, edge: string): SandboxResponse {
  if (call.login === 'instagram') {
    const account = professionalById(call.token.ownerId)
    return jsonResponse(200, {
      id: appScopedId(account),
      user_id: account.id,
      username: account.username,
      name: account.name,
      account_type: 'BUSINESS',
      followers_count: 800 + (hash(account.id) % 400),
    })
  }
  const { id, name } = personById(call.token.ownerId)
  if (edge === '') return jsonResponse(200, { id, name })
  if (edge !== 'accounts') return notFound(call.login)
  const data = grantedPages(call.token).map((page) => ({
    id: page.id,
    name: page.name,
    access_token: issue(call.state, {
      ...call.token,
      kind: 'page',
      ...(page.account ? { accountId: page.account.id } : {}),
      // Made from a long-lived token, a page token has no end of its own; data access has one.
      expiresAt: call.token.kind === 'long' ? null : call.token.expiresAt,
    }),
    tasks: ['ANALYZE', 'ADVERTISE', 'MODERATE', 'CREATE_CONTENT', 'MANAGE'],
    ...(page.account
      ? { instagram_business_account: { id: page.account.id, username: page.account.username } }
      : {}),
  }))
  return jsonResponse(200, { data, paging: { cursors: { before: 'QVFI', after: 'QVFJ' } } })
}

async function accountEdge(call: Call, account: Account, edge: string): Promise<SandboxResponse> {
  const isPost = call.request.method === 'POST'
  if (edge === '' && !isPost) {
    return jsonResponse(200, {
      id: account.id,
      username: account.username,
      name: account.name,
      followers_count: 800 + (hash(account.id) % 400),
      media_count: mediaOf(call.state, account).length,
    })
  }
  if (edge === 'media') return isPost ? createContainer(call, account) : listMedia(call, account)
  if (edge === 'media_publish' && isPost) return publishContainer(call, account)
  if (edge === 'content_publishing_limit') {
    return jsonResponse(200, {
      data: [
        {
          config: { quota_total: publishLimit, quota_duration: 86_400 },
          quota_usage: publishLimit - leftToPublish(call.state, account),
        },
      ],
    })
  }
  if (edge === 'insights') return accountInsights(call, account)
  return notFound(call.login)
}

function scopeMissing(call: Call, name: string): SandboxResponse | null {
  const wanted = call.login === 'instagram' ? `instagram_business_${name}` : `instagram_${name}`
  if (call.token.scopes.includes(wanted)) return null
  return refuse(call.login, { code: 10, message: 'Application does not have permission for this action' })
}

// --- Containers and publishing -----------------------------------------------------------------------

async function createContainer(call: Call, account: Account): Promise<SandboxResponse> {
  const refused = scopeMissing(call, 'content_publish')
  if (refused) return refused
  const { state, login, params } = call
  const lately = state.containers
    .entries()
    .filter(([, one]) => one.accountId === account.id && one.createdAt > state.now() - day).length
  const headers = usageHeaders(account, lately)
  if (lately >= containerLimit) {
    return refuse(login, { code: 80002, message: 'Too many calls to this account', transient: true }, headers)
  }
  const caption = params.get('caption') ?? ''
  const problem = captionProblem(caption)
  if (problem) return refuse(login, problem, headers)
  const isCarousel = params.get('media_type') === 'CAROUSEL'
  const images = isCarousel ? carouselImages(call, account) : await fetchImage(call)
  if ('code' in images) return refuse(login, images, headers)
  const id = nextId(state, '1790')
  state.containers.set(id, {
    accountId: account.id,
    kind: isCarousel ? 'carousel' : params.get('is_carousel_item') === 'true' ? 'item' : 'image',
    caption,
    images,
    createdAt: state.now(),
    publishedAt: null,
  })
  call.request.made?.(id, isCarousel ? (params.get('children') ?? '').split(',') : [])
  return jsonResponse(200, { id }, headers)
}

/** Percentages show up only after some use, as on the real network. */
function usageHeaders(account: Account, lately: number): Record<string, string> {
  if (lately < 20) return {}
  const used = Math.round((lately / containerLimit) * 100)
  const row = {
    type: 'instagram',
    call_count: used,
    total_cputime: 1,
    total_time: 1,
    estimated_time_to_regain_access: used >= 100 ? 30 : 0,
  }
  return { 'x-business-use-case-usage': JSON.stringify({ [account.id]: [row] }) }
}

function captionProblem(caption: string): Refusal | null {
  const problem = textProblems(caption, definition.text.value)[0]
  if (!problem) return null
  if (problem.code === 'too_many_mentions') {
    return { code: 100, subcode: 2207040, message: 'Cannot use more than 20 tags' }
  }
  return { code: 36004, subcode: 2207010, message: 'The caption was too long' }
}

/** The network fetches the picture itself, at creation. */
async function fetchImage(call: Call): Promise<Container['images'] | Refusal> {
  const url = call.params.get('image_url')
  if (url === null) return { code: 100, subcode: 2207023, message: 'The media type is unknown' }
  const altText = call.params.get('alt_text') ?? ''
  if (Array.from(altText).length > 1_000) return { code: 100, message: 'Param alt_text is too long' }
  const fetched = await call.state.fetchMedia(url).catch(() => null)
  if (!fetched || fetched.status !== 200) {
    return { code: 9004, subcode: 2207052, message: 'The media could not be fetched from this URI' }
  }
  const { bytes } = fetched
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8 || bytes[2] !== 0xff) {
    return { code: 36001, subcode: 2207005, message: 'The image format is not supported' }
  }
  if (bytes.length > definition.images.value.maxBytes) {
    return { code: 36000, subcode: 2207004, message: 'The image is too large to download' }
  }
  return [{ altText, file: call.state.files.put(bytes) }]
}

function carouselImages(call: Call, account: Account): Container['images'] | Refusal {
  const ids = (call.params.get('children') ?? '').split(',').filter((id) => id !== '')
  if (ids.length < 2 || ids.length > 10) {
    return { code: 100, subcode: 2207028, message: 'A carousel needs between 2 and 10 items' }
  }
  const images: Container['images'] = []
  for (const id of ids) {
    const child = call.state.containers.get(id)
    if (!child || child.kind !== 'item' || child.accountId !== account.id) {
      return { code: 24, subcode: 2207006, message: 'The requested resource does not exist' }
    }
    if (statusOf(call.state, child) !== 'FINISHED') {
      return { code: 9007, subcode: 2207027, message: 'Media ID is not available' }
    }
    images.push(...child.images)
  }
  return images
}

function statusOf(state: State, container: Container): string {
  if (container.publishedAt !== null) return 'PUBLISHED'
  const age = state.now() - container.createdAt
  if (age >= day) return 'EXPIRED'
  return age < processingMs ? 'IN_PROGRESS' : 'FINISHED'
}

const statusTexts: Record<string, string> = {
  PUBLISHED: 'Published: Media has been already published',
  EXPIRED: 'Expired: Media expired before it was published',
  IN_PROGRESS: 'In Progress: Media is still being processed',
  FINISHED: 'Finished: Media has been uploaded and it is ready to be published',
}

function containerStatus(call: Call, id: string, container: Container): SandboxResponse {
  const account = accountById(container.accountId)
  if (!account || !mayUse(call, account)) return missing(call.login)
  const code = statusOf(call.state, container)
  return jsonResponse(200, { id, status_code: code, status: statusTexts[code] ?? '' })
}

function leftToPublish(state: State, account: Account): number {
  const ordered = state.quota.get('publish')
  if (ordered !== undefined) return ordered
  const since = state.now() - day
  let used = 0
  for (const one of state.media.values())
    if (one.accountId === account.id && one.publishedAt > since) used += 1
  return Math.max(0, publishLimit - used)
}

function publishContainer(call: Call, account: Account): SandboxResponse {
  const refused = scopeMissing(call, 'content_publish')
  if (refused) return refused
  const { state, login, params, request } = call
  const id = params.get('creation_id') ?? ''
  const container = state.containers.get(id)
  if (!container || container.accountId !== account.id) {
    return refuse(login, { code: 24, subcode: 2207008, message: 'The container does not exist' })
  }
  const status = statusOf(state, container)
  if (status === 'EXPIRED') {
    return refuse(login, { code: -2, subcode: 2207020, message: 'The media has expired' })
  }
  if (status === 'IN_PROGRESS') {
    return refuse(login, { code: 9007, subcode: 2207027, message: 'Media ID is not available' })
  }
  if (status === 'PUBLISHED' || container.kind === 'item') {
    return refuse(login, { code: 24, subcode: 2207006, message: 'The media cannot be found' })
  }
  if (leftToPublish(state, account) <= 0) {
    return refuse(login, { code: 9, subcode: 2207042, message: 'The daily number of posts is reached' })
  }
  const ordered = state.quota.get('publish')
  if (ordered !== undefined) state.quota.set('publish', ordered - 1)
  const mediaId = nextId(state, '1800')
  const shortcode = `C${hash(mediaId).toString(36)}${mediaId.slice(-4)}`
  state.media.set(mediaId, {
    accountId: account.id,
    caption: container.caption,
    images: container.images,
    publishedAt: state.now(),
    shortcode,
    permalink: `${request.baseUrl}/p/${shortcode}/`,
    deleted: false,
  })
  state.byShortcode.set(shortcode, mediaId)
  state.containers.set(id, { ...container, publishedAt: state.now() })
  request.made?.(mediaId, [id])
  return jsonResponse(200, { id: mediaId })
}

// --- Reading -----------------------------------------------------------------------------------------

function mediaOf(state: State, account: Account): Array<[string, Media]> {
  return state.media.entries().filter(([, one]) => one.accountId === account.id && !one.deleted)
}

function describeMedia(state: State, id: string, media: Media) {
  const { likes, comments } = mediaFigures(state, media)
  return {
    id,
    caption: media.caption,
    timestamp: new Date(media.publishedAt).toISOString().replace(/\.\d+Z$/, '+0000'),
    permalink: media.permalink,
    shortcode: media.shortcode,
    media_product_type: 'FEED',
    like_count: likes,
    comments_count: comments,
  }
}

function listMedia(call: Call, account: Account): SandboxResponse {
  const limit = Number(call.params.get('limit') ?? 25)
  const data = mediaOf(call.state, account)
    .toReversed()
    .slice(0, limit)
    .map(([id, media]) => describeMedia(call.state, id, media))
  return jsonResponse(200, { data })
}

function mediaEdge(call: Call, id: string, media: Media, edge: string): SandboxResponse {
  const account = accountById(media.accountId)
  if (!account || !mayUse(call, account)) return missing(call.login)
  if (edge === 'insights') return mediaInsights(call, id, media)
  if (edge !== '') return notFound(call.login)
  if (call.request.method !== 'DELETE') return jsonResponse(200, describeMedia(call.state, id, media))
  if (call.login === 'instagram') {
    return refuse(call.login, {
      code: 3,
      message: 'Application does not have the capability to make this call',
    })
  }
  call.state.media.set(id, { ...media, deleted: true })
  call.request.made?.(id)
  return jsonResponse(200, { success: true })
}

function mediaInsights(call: Call, id: string, media: Media): SandboxResponse {
  const refused = scopeMissing(call, 'manage_insights')
  if (refused) return refused
  const metrics = (call.params.get('metric') ?? '').split(',')
  if (metrics.some((metric) => !mediaMetrics.includes(metric))) return unknownMetric(call.login)
  const age = (call.state.now() - media.publishedAt) / 1_000
  // Figures lag; what is not there yet is an empty set and no zero.
  if (age < lagSeconds) return jsonResponse(200, { data: [] })
  const values: Record<string, number> = mediaFigures(call.state, media)
  return jsonResponse(200, {
    data: metrics.map((name) => ({
      name,
      period: 'lifetime',
      values: [{ value: values[name] ?? 0 }],
      title: name,
      id: `${id}/insights/${name}/lifetime`,
    })),
  })
}

function mediaFigures(state: State, media: Media) {
  const { views, share } = state.audience(`${media.accountId}|${media.caption}`, media.publishedAt)
  const likes = share('likes', 0.03, 0.1)
  const comments = share('comments', 0.002, 0.01)
  const saved = share('saves', 0.005, 0.02)
  const shares = share('shares', 0.002, 0.015)
  return {
    views,
    reach: share('reach', 0.6, 0.9),
    likes,
    comments,
    saved,
    shares,
    reposts: share('reposts', 0, 0.006),
    follows: share('follows', 0, 0.004),
    profile_visits: share('visits', 0.005, 0.03),
    total_interactions: likes + comments + saved + shares,
  }
}

function unknownMetric(login: LoginKind): SandboxResponse {
  return refuse(login, { code: 1, message: 'An unknown error has occurred.', status: 500 })
}

function accountInsights(call: Call, account: Account): SandboxResponse {
  const refused = scopeMissing(call, 'manage_insights')
  if (refused) return refused
  const metrics = (call.params.get('metric') ?? '').split(',')
  if (metrics.some((metric) => !userMetrics.includes(metric))) return unknownMetric(call.login)
  if (call.params.get('metric_type') !== 'total_value') {
    return refuse(call.login, { code: 100, message: 'metric_type must be total_value' })
  }
  const since = Number(call.params.get('since') ?? Math.floor(call.state.now() / 1_000) - 86_400)
  const views = 300 + (hash(`${account.id}${since}`) % 900)
  const part = (name: string) => 0.02 + 0.58 * ((hash(`${account.id}${since}${name}`) % 1_000) / 1_000)
  const data = metrics.map((name) => ({
    name,
    period: 'day',
    total_value: { value: name === 'views' ? views : Math.floor(views * part(name)) },
    id: `${account.id}/insights/${name}/day`,
  }))
  return jsonResponse(200, { data })
}

// --- What people see ---------------------------------------------------------------------------------

function wallPost(state: State, remoteId: string, media: Media): WallPost {
  const account = accountById(media.accountId)
  const { views, reach, likes, comments, saved, shares } = mediaFigures(state, media)
  return {
    network: definition.id,
    remoteId,
    channelRemoteId: media.accountId,
    channelName: account?.username ?? media.accountId,
    ...(account ? { handle: account.username } : {}),
    text: media.caption,
    images: media.images,
    url: media.permalink,
    publishedAt: new Date(media.publishedAt).toISOString(),
    deleted: media.deleted,
    figures: { views, reach, likes, comments, shares, saves: saved },
  }
}

// --- Faults ------------------------------------------------------------------------------------------

function loginOf({ path }: Pick<SandboxRequest, 'path'>): LoginKind {
  return path.startsWith('/graph.facebook.com') ? 'facebook-login' : 'instagram'
}

function usernameOf(token: Token): string | undefined {
  return accountById(token.accountId ?? token.ownerId)?.username
}

function effectOf({ method, path }: { method: string; path: string }): Effect {
  if (!/^\/(?:api|graph)\./.test(path)) return 'page'
  if (path.endsWith('/access_token') || path.endsWith('/refresh_access_token')) return 'token'
  if (method === 'DELETE') return 'remove'
  if (method !== 'POST') return 'read'
  return path.endsWith('/media_publish') ? 'publish' : 'upload'
}

function refusal(kind: RefusalKind, request: SandboxRequest): SandboxResponse {
  const login = loginOf(request)
  switch (kind) {
    case 'unauthorised':
      return refuse(login, { code: 190, message: 'Error validating access token.' })
    case 'throttled': {
      const account = accountById(request.path.split('/').find((part) => accountById(part)) ?? '') ?? studio
      const headers = usageHeaders(account, containerLimit)
      return refuse(
        login,
        { code: 80002, message: 'There have been too many calls to this account.' },
        headers,
      )
    }
    case 'outage':
      return { status: 503 }
    case 'server-error':
      return refuse(login, {
        code: 2,
        message: 'Service temporarily unavailable',
        status: 503,
        transient: true,
      })
    case 'withdrawn-network':
      return refuse(login, { code: 10, message: 'Application does not have permission for this action' })
    case 'withdrawn-ability':
      return refuse(login, {
        code: 3,
        message: 'Application does not have the capability to make this call.',
      })
    case 'withdrawn-version':
      return refuse(login, { code: 2635, message: 'You are calling a deprecated version of the API.' })
  }
}
