/** What Facebook's simulator knows: people and pages, what it keeps, and how it says no. */
import { randomBytes } from 'node:crypto'
import { graphStatus } from '../graph-sandbox.ts'
import {
  audienceOf,
  jsonResponse,
  type SandboxContext,
  type SandboxRequest,
  type SandboxResponse,
} from '../sandbox-kit.ts'

type Page = { id: string; name: string; tasks: readonly string[] }
type Person = { id: string; name: string; pages: readonly Page[] }

/** People to sign in as; the first is preset. */
export const people: readonly [Person, ...Person[]] = [
  {
    id: '122100000000001',
    name: 'Sandbox owner',
    pages: [
      {
        id: '100200300400501',
        name: 'Column Coffee',
        tasks: ['ADVERTISE', 'ANALYZE', 'CREATE_CONTENT', 'MANAGE'],
      },
      { id: '100200300400502', name: 'Column Books', tasks: ['ANALYZE', 'CREATE_CONTENT'] },
    ],
  },
  {
    id: '122100000000002',
    name: 'Second sandbox owner',
    pages: [
      { id: '100200300400503', name: 'Column Cinema', tasks: ['ANALYZE', 'CREATE_CONTENT', 'MODERATE'] },
    ],
  },
]

export const pages = people.flatMap((person) => person.pages)
export const personById = (id: string | null) => people.find((person) => person.id === id) ?? people[0]

type Code = {
  personId: string
  pageIds: string[]
  redirectUri: string
  scopes: string[]
  clientId: string
  expiresAt: number
}

export type Token = {
  kind: 'short' | 'long' | 'page'
  personId: string
  /** Pages the person ticked. */
  pageIds: string[]
  pageId?: string
  /** When the person was last active; data access ends 90 days later. */
  consentedAt: number
  scopes: string[]
  secret: string
  expiresAt: number | null
}

type Photo = { pageId: string; altText: string; file: string; posted: boolean }

export type Post = {
  pageId: string
  message: string
  link?: string
  photoIds: string[]
  createdAt: number
  deleted: boolean
  url: string
}

export type Comment = { postId: string; message: string; createdAt: number; deleted: boolean; url: string }

export type Fields = Map<string, string | Uint8Array>
export type Call = {
  request: SandboxRequest
  path: string
  query: URLSearchParams
  token: Token
  fields: Fields
}
export type State = ReturnType<typeof openState>

export function openState(context: SandboxContext) {
  return {
    now: () => context.now().getTime(),
    files: context.files,
    audience: audienceOf(context),
    codes: context.collection<Code>('codes'),
    tokens: context.collection<Token>('tokens'),
    photos: context.collection<Photo>('photos'),
    posts: context.collection<Post>('posts'),
    comments: context.collection<Comment>('comments'),
    calls: context.collection<number>('calls'),
    /** Calls left by order of a fault. */
    quota: context.collection<number>('quota'),
    /** The newest post of each page, text and link, for the duplicate guard. */
    newest: new Map(
      context
        .collection<Post>('posts')
        .entries()
        .map(([id, post]) => [guardKey(post), id]),
    ),
  }
}

export function failure(
  code: number,
  message: string,
  extra: { subcode?: number; status?: number; type?: string; user?: string } = {},
): SandboxResponse {
  const error = {
    message,
    type: extra.type ?? 'OAuthException',
    code,
    ...(extra.subcode === undefined ? {} : { error_subcode: extra.subcode }),
    ...(extra.user === undefined ? {} : { error_user_title: 'Not posted', error_user_msg: extra.user }),
    fbtrace_id: randomBytes(8).toString('base64url'),
  }
  return jsonResponse(extra.status ?? graphStatus(code), { error })
}

export function text(fields: Fields, name: string): string | undefined {
  const value = fields.get(name)
  return typeof value === 'string' ? value : undefined
}

export function pageById(id: string) {
  const page = pages.find((candidate) => candidate.id === id)
  return page ? { id: page.id, name: page.name } : undefined
}

export type Wish = Omit<Post, 'url'>

/** What the duplicate guard compares; photos make every post another one. */
export function guardKey({ pageId, message, link, photoIds }: Wish): string {
  return [pageId, message, link ?? '', photoIds.join(',')].join('|')
}

/** Times are written as Meta writes them, with an offset without a colon. */
export function metaTime(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d{3}Z$/, '+0000')
}
