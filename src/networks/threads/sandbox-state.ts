/** What Threads' simulator knows: profiles, what it keeps, and how it says no. */
import { graphRefusal, nextGraphId, type Refusal } from '../graph-sandbox.ts'
import { audienceOf, type SandboxContext, type SandboxRequest, type SandboxResponse } from '../sandbox-kit.ts'

export type Profile = { id: string; username: string; name: string }
type Image = { altText: string; file: string }

export type Code = { profileId: string; redirectUri: string; scopes: string[]; createdAt: number }

export type Token = {
  kind: 'short' | 'long'
  profileId: string
  scopes: string[]
  issuedAt: number
  expiresAt: number
  /** A permission lasts 90 days and is prolonged along with the token. */
  grantEndsAt: number
  dead: boolean
}

export type Container = {
  profileId: string
  kind: 'post' | 'item'
  text: string
  link?: string
  images: Image[]
  /** The post it answers. */
  replyTo?: string
  /** Of a picture that Threads cannot read. */
  failed: boolean
  createdAt: number
  publishedAt: number | null
}

export type Post = {
  profileId: string
  text: string
  link?: string
  images: Image[]
  publishedAt: number
  /** The post it answers. */
  replyTo?: string
  deletedAt: number | null
  shortcode: string
  permalink: string
}

export const hour = 3_600_000
export const day = 24 * hour
export const errorType = 'THApiException'

/** Profiles to sign in as; the first is preset. */
export const profiles: readonly [Profile, ...Profile[]] = [
  { id: '25000000000000011', username: 'litfass_square', name: 'Litfass Square' },
  { id: '25000000000000012', username: 'litfass_market', name: 'Litfass Market' },
  { id: '25000000000000013', username: 'litfass_harbour', name: 'Litfass Harbour' },
]

export const profileById = (id: string | null) => profiles.find((one) => one.id === id)

export type State = ReturnType<typeof openState>

export function openState(context: SandboxContext) {
  const posts = context.collection<Post>('posts')
  return {
    now: () => context.now().getTime(),
    fetchMedia: context.fetchMedia,
    files: context.files,
    audience: audienceOf(context),
    codes: context.collection<Code>('codes'),
    tokens: context.collection<Token>('tokens'),
    containers: context.collection<Container>('containers'),
    posts,
    counters: context.collection<number>('counters'),
    /** Posts left by order of a fault. */
    quota: context.collection<number>('quota'),
    byShortcode: new Map(posts.entries().map(([id, post]) => [post.shortcode, id])),
  }
}

export const nextId = (state: State, prefix: string) => nextGraphId(state.counters, prefix)

export function refuse(refusal: Refusal, headers?: Record<string, string>): SandboxResponse {
  return graphRefusal(errorType, refusal, headers)
}

export function notFound(): SandboxResponse {
  return refuse({ code: 2500, message: 'Unknown path components' })
}

export function missing(): SandboxResponse {
  return refuse({
    code: 100,
    subcode: 33,
    message: 'Unsupported request. Object does not exist, or cannot be loaded due to missing permissions',
  })
}

export type Call = { state: State; token: Token; params: URLSearchParams; request: SandboxRequest }

export function scopeMissing({ token }: Call, scope: string): SandboxResponse | null {
  if (token.scopes.includes(scope)) return null
  return refuse({ code: 10, message: 'Application does not have permission for this action' })
}
