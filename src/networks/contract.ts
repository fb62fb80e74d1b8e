/**
 * What a network is to the rest of Litfass: a definition, which is data, and a few verbs.
 *
 * Everything about one network lives in its folder. Composer counters, validation, previews, cost,
 * readiness checks and the connect form derive from the definition; nothing is written per network twice.
 */
import type { LinkPlacement } from '#domain/composed.ts'
import type { FindOutcome, PublishOutcome } from '#domain/delivery.ts'
import type { DataRule } from '#domain/retention.ts'
import type { PriceBook } from '#domain/prices.ts'
import type { OwnLimits } from '#domain/limits.ts'
import type { TextRules } from '#domain/text.ts'
import type { Counter, Refusal, Told, UsageOutcome } from './counters.ts'
import type { Answer, Call, MeteredFetch } from './metered-fetch.ts'

/** A fact with where it stands written and the day it was read (YYYY-MM-DD). */
export type Fact<T> = { value: T; source: string; readOn: string }

/**
 * `read`: personal or network-read data. `publish` and `reconcile` hold a protected share of quotas. `ai` is no call
 * to a network: data read from it goes to a model.
 */
export type Purpose = 'connect' | 'publish' | 'reconcile' | 'measure' | 'remove' | 'converse' | 'ai'

export type ImageRules = {
  maxCount: number
  maxBytes: number
  /** MIME types the network takes. */
  types: readonly string[]
  /** In place of `maxBytes`, by type. */
  maxBytesOf?: Readonly<Record<string, number>>
  /** Types of which a post takes one, and no other image beside it. */
  alone?: readonly string[]
  maxAltLength?: number
  /** Width divided by height. */
  aspect?: { min: number; max: number }
  minWidth?: number
  maxPixels?: number
}

/** One field of a login that has a form instead of a consent page. */
export type LoginField = {
  key: string
  label: string
  /** One sentence. */
  help: string
  isSecret: boolean
  isRequired: boolean
  /** The address of a server: whoever types it decides where Litfass sends, so it must be public. */
  isHost?: boolean
  /** What a simulated account is entered with. */
  sandboxValue?: string
}

/**
 * One way to sign in to a network; most have one, Instagram has two.
 *
 * `form`: people type what it needs into Litfass, and it needs no app of the operator.
 */
export type LoginMethod = LoginBasics &
  ({ kind?: 'consent' } | { kind: 'form'; fields: readonly LoginField[] })

type LoginBasics = {
  /** Unique over all networks, for example `instagram-facebook`. */
  id: string
  name: string
  /** Scopes asked for, in the network's own words. */
  scopes: readonly string[]
  /** Environment prefix of this login's app and hosts, without `LITFASS_`, for example `X`. */
  settings: string
  /** Real hosts, overridable by settings and replaced by the sandbox for sandbox connections. */
  hosts: NetworkHosts
  usesPkce: boolean
  /** Whether the network is many servers: people name theirs, and `register` makes the app there. Default false. */
  needsHost?: boolean
  /** Whether people may say who they are before the consent, since that tells which server asks for it. Default false. */
  asksAccount?: boolean
  /**
   * Whether the network knows apps by a document at an address of their own and not by a registration, so that
   * Litfass is the app and nobody makes one. Default false.
   */
  isOwnClient?: boolean
  /** Sent along to the consent page, for example so that another account can be chosen. */
  consentParams?: Readonly<Record<string, string>>
  /**
   * What keeps access alive without a person: the token renews itself while it lives, a refresh token does,
   * or nothing has to, because channels have tokens of their own that do not age.
   */
  renewal: 'own-token' | 'refresh-token' | 'not-needed'
  /** False where the login's permissions give no figures at all. Default true. */
  canMeasure?: boolean
  /** False where this login may not delete although the network can. Default true. */
  canDelete?: boolean
  /** False where this login may not comment although the network can. Default true. */
  canComment?: boolean
  /**
   * Where the network tells of its use to the app alone, by a token that the app's id and secret do not give: what the
   * network calls it, the setting that holds it, without the login's prefix, and what the simulator takes for one.
   */
  appToken?: { label: string; setting: string; sandboxValue: string }
  /** What a first comment needs beyond the scopes of publishing, by kind of channel. Default nothing. */
  commentScopes?: Readonly<Partial<Record<RemoteChannel['kind'], readonly string[]>>>
}

/**
 * `apiUrl` and `uploadUrl` are origins, maybe with a base path; `authorizeUrl` and `tokenUrl` are full URLs, empty
 * where there is no consent page. `readUrl` is where everybody reads public data, and `siteUrl` where people look
 * at posts, in networks where these are hosts of their own; `directoryUrl` tells which server an account lives at.
 */
export type NetworkHosts = {
  apiUrl: string
  uploadUrl: string
  authorizeUrl: string
  tokenUrl: string
  readUrl?: string
  siteUrl?: string
  directoryUrl?: string
}

export type Quota = {
  name: string
  /** Endpoint classes it counts. */
  counts: readonly string[]
  limit: number
  windowSeconds: number
  per: 'channel' | 'connection' | 'app'
}

/** A metric: our neutral name, and what the network calls it. Different meanings get different names. */
export type MetricDefinition = {
  name: MetricName
  remoteName: string
  of: 'post' | 'channel'
  /** `lifetime` values grow; `day` values are of one UTC day. */
  period: 'lifetime' | 'day'
}

export type MetricName =
  | 'views'
  | 'reach'
  | 'likes'
  | 'comments'
  | 'shares'
  | 'reposts'
  | 'saves'
  | 'clicks'
  | 'quotes'
  | 'bookmarks'
  | 'reactions'
  | 'interactions'
  | 'followers'
  | 'follows'
  | 'profile-views'

export type ApiVersion = { name: string; endsOn?: string }

/** A rule about data read from the network, in our words, with where it stands written. */
export type DataTerm = DataRule & {
  rule: string
  source: string
  /** How sure we are that it says so. */
  confidence: 'high' | 'medium' | 'low'
}

/** What Litfass keeps of a network: the account of a grant, a channel's names, the id and link of an own post, figures. */
export type KeptKind = 'account' | 'channel' | 'remote-post' | 'reading'
type ChannelKind = 'page' | 'profile' | 'organisation' | 'member'
/** The class it has in the terms; by kind of channel where that makes a difference. */
export type KeptClasses = Readonly<Record<KeptKind, string | Readonly<Record<ChannelKind, string>>>>

/** How a post looks on the network, roughly: what a preview in the composer is drawn from. */
export type PreviewStyle = {
  order: 'text-first' | 'media-first'
  /** Whether the name stands first, or the handle. */
  nameFirst: boolean
  showsHandle: boolean
  /** Characters shown before readers must press "more"; null where everything is shown. */
  foldAfter: number | null
  /** Width by height a single image is cut to in the feed; null where it keeps its own. */
  mediaAspect: number | null
  /** Whether images stand in a frame within the text column instead of reaching to the edges. */
  isInset: boolean
  /** The buttons below a post, in their order. */
  actions: ReadonlyArray<'like' | 'comment' | 'share' | 'repost' | 'send' | 'save' | 'views'>
}

export type NetworkDefinition = {
  id: string
  name: string
  /** CSS colour of the network's brand, for badges. */
  color: string
  preview: PreviewStyle
  logins: readonly LoginMethod[]
  text: Fact<TextRules>
  images: Fact<ImageRules>
  /** Where a post's link goes; `composed` makes what is counted, priced, shown and sent. */
  linkPlacement: LinkPlacement
  /** Whether a post needs an image (Instagram). */
  needsImage: boolean
  /** Whether the network fetches media from our public URL instead of taking an upload. */
  fetchesMedia: boolean
  canDelete: boolean
  quotas: Fact<readonly Quota[]>
  /** What the network itself tells of how much was used. */
  counters: Fact<readonly Counter[]>
  /** What it charges, by plan and day; names the endpoint classes that calls carry. */
  priceBook: PriceBook
  version: Fact<ApiVersion> | null
  dataTerms: Fact<readonly DataTerm[]>
  keeps: KeptClasses
  metrics: Fact<readonly MetricDefinition[]>
  /** How a lost answer is settled, and when empty listings are believed. */
  find: Fact<FindRules>
  /** The first comment below an own post; null where the network lets an app make none, or does not say that it does. */
  comment: Fact<CommentRules | null>
}

export type FindRules = {
  how: 'container' | 'listing' | 'duplicate-refusal' | 'key'
  settleSeconds: number
  emptyReads: number
  windowSeconds: number
}

/** What a network takes as a comment, and how one whose answer was lost is settled. Making it is `comment.create`. */
export type CommentRules = {
  text: Fact<TextRules>
  find: Fact<FindRules>
  /** Whether it is a post of its own that stays when the post above it is deleted. */
  outlivesPost: boolean
}

/** The operator's app at a network. */
export type AppCredentials = { clientId: string; clientSecret: string }

/** A private key on the curve P-256, as JSON (RFC 7518). */
export type ProofKey = { kty: string; crv: string; x: string; y: string; d: string }

/** What a network gave us to act with. Kept sealed; instants are UTC. */
export type Grant = {
  accessToken: string
  /** The app it was given to, where known: another app's secret proves nothing for it. */
  clientId?: string
  /** The server of this account, where a network has many; takes the place of the login's API host. */
  apiUrl?: string
  refreshToken?: string
  /** The private key that the tokens are bound to: who has the tokens alone cannot use them. */
  proofKey?: ProofKey
  /** The server that gave it and renews it, where that is another one than `apiUrl`. */
  issuer?: string
  accessExpiresAt?: Date
  refreshExpiresAt?: Date
  /** When the network stops serving data although the token lives (Meta: 90 days). */
  dataAccessExpiresAt?: Date
  scopes: readonly string[]
}

/** A page, profile or handle that a connection may publish to. `accessToken` where the channel has its own. */
export type RemoteChannel = {
  remoteId: string
  kind: 'page' | 'profile' | 'organisation' | 'member'
  name: string
  handle?: string
  url?: string
  accessToken?: string
}

/** Who granted, so that adding a grant again renews it instead of making a second one. */
export type RemoteAccount = {
  remoteId: string
  name: string
  /** What callbacks call it, where that is another id. */
  callbackId?: string
}

export type Connected = {
  grant: Grant
  account: RemoteAccount
  channels: readonly RemoteChannel[]
  /** Whether `channels` is all that the grant reaches; false where a part of the list could not be read. */
  isComplete: boolean
  /** What the account's own server takes, for networks of many. */
  ownLimits?: OwnLimits
}

/** What a network tells us about people who leave: they removed the app, or want their data deleted. */
export type CallbackKind = 'deauthorize' | 'data-deletion'

/** What a callback says: who, by the id that the app knows them by, and when. */
export type CallbackWord = { remoteAccountId: string; saidAt: Date }

/** Callbacks of a network that sends any. Pure: who may send is proved by the body and the app's secret. */
export type NetworkCallbacks = {
  /** Null where the body does not prove that the network wrote it for this app. */
  read: (body: string, app: AppCredentials) => CallbackWord | null
  /** What the network is answered: where people see how far it is, and the code they are given. */
  answer: (kind: CallbackKind, status: { url: string; code: string }) => Record<string, string>
}

/** What every verb is handed. `fetch` is the only way out; `now` the only clock. */
export type VerbContext = {
  login: LoginMethod
  hosts: NetworkHosts
  /** Pinned API version, from the definition or a setting. */
  version: string
  fetch: MeteredFetch
  now: () => Date
  /** The app the grant was given to, for calls that prove its secret; null where it is not known. */
  app: () => Promise<AppCredentials | null>
}

export type AuthorizeRequest = {
  app: AppCredentials
  redirectUri: string
  state: string
  /** S256 challenge; absent where the login uses no PKCE. */
  codeChallenge?: string
}

/** The page to send the person to, and what `connect` needs to know again; kept sealed until the answer comes. */
export type BegunConsent = { url: string; memory: Readonly<Record<string, unknown>> }

export type CodeExchange = {
  app: AppCredentials
  redirectUri: string
  code: string
  codeVerifier?: string
  /** Of a consent that was begun with the network. */
  memory?: Readonly<Record<string, unknown>>
  /** Who the redirect says has answered. */
  issuer?: string
}

/** Refusals of a connect verb. Anything else is thrown as `LitfassError('connection_refused')`. */
export type RefreshOutcome =
  | { kind: 'refreshed'; grant: Grant }
  | { kind: 'not-needed' }
  | { kind: 'dead'; message: string }
  | { kind: 'unavailable'; message: string }

export type Check = { name: string; ok: boolean; message: string; remedy?: string }

export type DeliveryImage = {
  mediaFileId: string
  mimeType: string
  bytes: number
  width: number
  height: number
  altText: string
  /** Signed, short-lived and unguessable; for networks that fetch. */
  publicUrl: string
  read: () => Promise<Uint8Array>
}

/** What goes out, exactly as it was shown. */
export type DeliveryPayload = { text: string; link?: string; images: readonly DeliveryImage[] }

/** The channel as a verb needs it. */
export type ChannelAccess = {
  channelId: string
  remoteId: string
  kind: RemoteChannel['kind']
  accessToken: string
  /** See `Grant`. */
  proofKey?: ProofKey
  scopes: readonly string[]
}

/**
 * Steps with memory. What is invisible may repeat; what is visible may not.
 *
 * `step` runs once and remembers its JSON result across attempts. `visible` commits the intent before
 * `run` sends anything, and is never run a second time for one delivery unless `find` said `absent`.
 */
export type Steps = {
  recall: <T>(name: string) => T | undefined
  step: <T>(name: string, run: () => Promise<T>) => Promise<T>
  /** Drops a remembered result, for example an expired container. */
  forget: (name: string) => Promise<void>
  /** `remember` is kept together with the intent: what was already known the moment the request left. */
  visible: <T>(name: string, run: () => Promise<T>, remember?: Record<string, unknown>) => Promise<T>
}

export type PublishJob = { channel: ChannelAccess; payload: DeliveryPayload; steps: Steps }

/** A delivery whose visible request got no usable answer. `isOurs` tells ids other deliveries own already. */
export type FindJob = PublishJob & {
  sentAt: Date
  deadlineAt: Date
  isOurs: (remoteId: string) => Promise<boolean>
}

/** The post a comment goes below. */
export type ParentPost = { remoteId: string; url?: string }
/** A first comment: its payload is a text and nothing else. */
export type CommentJob = PublishJob & { parent: ParentPost }
export type FindCommentJob = FindJob & { parent: ParentPost }

/** The verbs of first comments. As with posts, `find` alone may settle a comment whose answer was lost. */
export type CommentVerbs = {
  publish: (context: VerbContext, job: CommentJob) => Promise<PublishOutcome>
  find: (context: VerbContext, job: FindCommentJob) => Promise<FindOutcome>
  remove: (
    context: VerbContext,
    channel: ChannelAccess,
    remoteId: string,
    parent: ParentPost,
  ) => Promise<RemoveOutcome>
}

/** Absent metrics are left out: missing is not zero. */
export type ReadingValue = { metric: MetricName; remoteName: string; value: number; day?: string }
export type MeasureOutcome =
  | { kind: 'measured'; readings: readonly ReadingValue[] }
  | { kind: 'gone' }
  | { kind: 'later'; until: Date; message: string }
  | { kind: 'unauthorised'; message: string }

export type RemoveOutcome =
  | { kind: 'removed' }
  | { kind: 'refused'; message: string }
  | { kind: 'unknown'; message: string }

/** `app`: with the app's own token; `channel`: page by page. */
export type UsageVerb =
  | { of: 'app'; ask: (context: VerbContext, appToken: string) => Promise<UsageOutcome> }
  | { of: 'channel'; ask: (context: VerbContext, channel: ChannelAccess) => Promise<UsageOutcome> }

export type Network = {
  definition: NetworkDefinition
  /** Registers an app at the server in `hosts`; for logins that need a host. */
  register?: (context: VerbContext, redirectUri: string) => Promise<AppCredentials>
  /** URL of the consent page. Pure. */
  authorizeUrl: (
    login: LoginMethod,
    hosts: NetworkHosts,
    version: string,
    request: AuthorizeRequest,
  ) => string
  /** The same for networks that want to be told of a consent first. `account` is who the person says to be. */
  begin?: (context: VerbContext, request: AuthorizeRequest & { account?: string }) => Promise<BegunConsent>
  /** Code to long-lived grant, account and its channels. */
  connect: (context: VerbContext, exchange: CodeExchange) => Promise<Connected>
  /** The same by what was typed into the form of a login that has one. */
  signIn?: (context: VerbContext, fields: Readonly<Record<string, string>>) => Promise<Connected>
  /** The same for a grant that exists already. */
  adopt: (context: VerbContext, grant: Grant, app: AppCredentials | null) => Promise<Connected>
  refresh: (context: VerbContext, grant: Grant, app: AppCredentials) => Promise<RefreshOutcome>
  /** Takes back, at the network, what a grant opens; when a person disconnects. */
  revoke?: (context: VerbContext, grant: Grant, app: AppCredentials) => Promise<void>
  /** Readiness in plain words: token, scopes, roles, quota, version. */
  check: (context: VerbContext, channel: ChannelAccess) => Promise<Check[]>
  /** What the account's own server takes, for networks of many; null where it does not say. */
  ownLimits?: (context: VerbContext) => Promise<OwnLimits | null>
  publish: (context: VerbContext, job: PublishJob) => Promise<PublishOutcome>
  find: (context: VerbContext, job: FindJob) => Promise<FindOutcome>
  remove: (context: VerbContext, channel: ChannelAccess, remoteId: string) => Promise<RemoveOutcome>
  callbacks?: NetworkCallbacks
  /** What an answer tells of how much is used. Pure. */
  told?: (call: Call, answer: Answer, now: Date) => readonly Told[]
  /** What a refusal for too many calls says that neither its counters nor `Retry-After` do. Pure. */
  refusal?: (answer: Answer, now: Date) => Refusal | null
  /** Asks for the counters that do not come with other answers; `told` reads what comes. */
  usage?: UsageVerb
  /** Where the definition offers first comments. */
  comment?: CommentVerbs
  measurePost: (
    context: VerbContext,
    channel: ChannelAccess,
    remoteId: string,
    publishedAt: Date,
  ) => Promise<MeasureOutcome>
  measureChannel: (context: VerbContext, channel: ChannelAccess) => Promise<MeasureOutcome>
}
