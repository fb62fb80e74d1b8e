/** Calls to a personal data server and to the public view of the network, and schemas of what is read of answers. */
import { z } from 'zod'
import type { ProofKey, VerbContext } from '../contract.ts'
import type { Answer, Call } from '../metered-fetch.ts'
import { proven } from './proof.ts'

export const collection = 'app.bsky.feed.post'

export const sessionSchema = z.looseObject({
  accessJwt: z.string().min(1),
  refreshJwt: z.string().min(1),
  did: z.string().startsWith('did:'),
  handle: z.string().min(1),
})
export const whoSchema = z.looseObject({
  did: z.string().startsWith('did:'),
  handle: z.string().min(1),
  active: z.boolean().optional(),
  status: z.string().optional(),
})
export const writtenSchema = z.looseObject({ uri: z.string().startsWith('at://'), cid: z.string() })
export const recordSchema = z.looseObject({ cid: z.string() })
export const resolvedSchema = z.looseObject({ did: z.string().startsWith('did:') })
/** What a DID stands for; of its services only one is an account's server. */
export const documentSchema = z.looseObject({
  id: z.string(),
  service: z.array(z.looseObject({ id: z.string(), type: z.string(), serviceEndpoint: z.unknown() })),
})
/** Sent back as it came: the server compares it with what it stored. */
export const blobSchema = z.looseObject({
  blob: z.looseObject({
    $type: z.literal('blob'),
    ref: z.looseObject({ $link: z.string() }),
    mimeType: z.string(),
    size: z.number(),
  }),
})
export type Blob = z.infer<typeof blobSchema>['blob']
const count = z.coerce.number().optional()
export const postsSchema = z.looseObject({
  posts: z.array(
    z.looseObject({
      uri: z.string(),
      likeCount: count,
      replyCount: count,
      repostCount: count,
      quoteCount: count,
      bookmarkCount: count,
    }),
  ),
})
export const profileSchema = z.looseObject({ followersCount: count })

const claimsSchema = z.looseObject({
  scope: z.string().optional(),
  iat: z.number().optional(),
  exp: z.number().optional(),
})

/** What a token says of itself. It is read, not trusted: the server checks it. */
export function claimsOf(token: string): z.infer<typeof claimsSchema> {
  try {
    const claims = Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8')
    return claimsSchema.parse(JSON.parse(claims))
  } catch {
    return {}
  }
}

type XrpcCall = Omit<Call, 'url' | 'method'> & {
  method: 'GET' | 'POST'
  /** Name of the operation, such as `com.atproto.repo.putRecord`. */
  operation: string
  query?: Record<string, string>
  /** A grant or a channel: the token, and the key it is bound to where it is. */
  access?: { accessToken: string; proofKey?: ProofKey }
}

export function callServer(context: VerbContext, call: XrpcCall): Promise<Answer> {
  return xrpc(context, context.hosts.apiUrl, call)
}

/** Public data, for everybody, without a token. */
export function callPublic(context: VerbContext, call: Omit<XrpcCall, 'access'>): Promise<Answer> {
  return xrpc(context, context.hosts.readUrl ?? context.hosts.apiUrl, call)
}

function xrpc(context: VerbContext, base: string, call: XrpcCall): Promise<Answer> {
  const { operation, query, access, ...rest } = call
  const search = query === undefined ? '' : `?${new URLSearchParams(query)}`
  const plain: Call = { ...rest, url: `${base}/xrpc/${operation}${search}` }
  if (access === undefined) return context.fetch(plain)
  const { accessToken, proofKey } = access
  if (proofKey !== undefined) return proven(context, { accessToken, proofKey }, plain)
  return context.fetch({ ...plain, headers: { ...plain.headers, authorization: `Bearer ${accessToken}` } })
}

export const uriOf = (did: string, key: string) => `at://${did}/${collection}/${key}`

/** The key within an address such as `at://did:plc:…/app.bsky.feed.post/3l…`. */
export const keyOf = (uri: string) => uri.split('/').at(-1) ?? ''

/** Where people see it. The DID stays when the handle changes. */
export function permalink(context: Pick<VerbContext, 'hosts'>, did: string, key: string): string {
  return `${context.hosts.siteUrl ?? context.hosts.apiUrl}/profile/${did}/post/${key}`
}
