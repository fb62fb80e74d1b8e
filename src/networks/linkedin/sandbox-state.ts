/** What LinkedIn's simulator knows: members and pages, what it keeps, and how it says no. */
import { randomBytes } from 'node:crypto'
import { audienceOf, jsonResponse, type SandboxContext, type SandboxResponse } from '../sandbox-kit.ts'

type Organisation = { id: number; localizedName: string; vanityName: string }
type Member = { id: string; firstName: string; lastName: string; vanityName: string; pages: Organisation[] }
const bakery = { id: 70010001, localizedName: 'Litfass Sandbox Bakery', vanityName: 'sandbox-bakery' }
const theatre = { id: 70010002, localizedName: 'Litfass Sandbox Theatre', vanityName: 'sandbox-theatre' }
const library = { id: 70010003, localizedName: 'Litfass Sandbox Library', vanityName: 'sandbox-library' }
export const organisations: readonly Organisation[] = [bakery, theatre, library]

/** People to sign in as; the first is preset. */
export const members: readonly [Member, ...Member[]] = [
  {
    id: 'Kq7sandbox',
    firstName: 'Robin',
    lastName: 'Sandbox',
    vanityName: 'robin-sandbox',
    pages: [bakery, theatre],
  },
  {
    id: 'Mx2sandbox',
    firstName: 'Second',
    lastName: 'Sandbox',
    vanityName: 'second-sandbox',
    pages: [library],
  },
  { id: 'Tz9sandbox', firstName: 'Third', lastName: 'Sandbox', vanityName: 'third-sandbox', pages: [] },
]

export const [firstMember] = members
export const memberById = (id: string | null) => members.find((member) => member.id === id) ?? firstMember
export const urnOf = (member: Member) => `urn:li:person:${member.id}`
export const pageUrn = (page: Organisation) => `urn:li:organization:${page.id}`
export const day = 86_400

export type Code = {
  clientId: string
  memberId: string
  redirectUri: string
  scopes: string[]
  issuedAt: number
  used: boolean
}

export type Token = {
  app: string
  memberId: string
  scopes: string[]
  expiresAt: number
  revoked: boolean
  refresh: { token: string; expiresAt: number } | null
}

export type Asset = { owner: string; uploadedAt: number | null; expiresAt: number; file: string | null }

export type Post = {
  urn: string
  author: string
  commentary: string
  images: Array<{ id: string; altText: string }>
  link: string | null
  content: unknown
  body: string
  createdAt: number
  deleted: boolean
  url: string
}

export type Comment = {
  urn: string
  post: string
  actor: string
  text: string
  createdAt: number
  deleted: boolean
}

export function openState(context: SandboxContext) {
  const collection = context.collection
  return {
    context,
    now: () => context.now().getTime(),
    audience: audienceOf(context),
    codes: collection<Code>('linkedin-codes'),
    tokens: collection<Token>('linkedin-tokens'),
    assets: collection<Asset>('linkedin-assets'),
    posts: collection<Post>('linkedin-posts'),
    comments: collection<Comment>('linkedin-comments'),
    usage: collection<number>('linkedin-usage'),
    /** Calls left by order of a fault. */
    quota: collection<number>('linkedin-quota'),
    /** The newest post of each body, for the duplicate guard. */
    twins: new Map(Array.from(collection<Post>('linkedin-posts').values(), (post) => [post.body, post.urn])),
  }
}

export type State = ReturnType<typeof openState>

export function failure(
  status: number,
  message: string,
  extra: { code?: string; serviceErrorCode?: number } = {},
): SandboxResponse {
  return jsonResponse(status, { status, ...extra, message }, { 'x-li-uuid': randomBytes(8).toString('hex') })
}

/** A path as it is meant; one that is badly encoded stays as it is and finds nothing. */
export function decoded(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}

export const has = (token: Token, scope: string) => token.scopes.includes(scope)

export function forbidden(what: string): SandboxResponse {
  return failure(403, `Not enough permissions to access: ${what}.20260901`, {
    code: 'ACCESS_DENIED',
    serviceErrorCode: 100,
  })
}

export const nameOf = (member: Member) => `${member.firstName} ${member.lastName}`

export function noResource(): SandboxResponse {
  return failure(404, 'No virtual resource found')
}

export function mayActAs(token: Token, urn: unknown): boolean {
  const member = memberById(token.memberId)
  if (urn === urnOf(member)) return has(token, 'w_member_social')
  return has(token, 'w_organization_social') && member.pages.some((page) => urn === pageUrn(page))
}
