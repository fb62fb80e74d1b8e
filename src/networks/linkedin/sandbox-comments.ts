/** Comments of LinkedIn's simulator: of a page or a member below its own posts. */
import { randomBytes } from 'node:crypto'
import {
  jsonOf,
  jsonResponse,
  type SandboxRequest,
  type SandboxResponse,
  type WallComment,
} from '../sandbox-kit.ts'
import { livePost } from './sandbox-posts.ts'
import {
  type Comment,
  failure,
  forbidden,
  has,
  memberById,
  type Post,
  type State,
  type Token,
  urnOf,
} from './sandbox-state.ts'

const maxLength = 1_250

/** `path` is what stands behind `/rest/socialActions/`, decoded. */
export function socialActions(
  state: State,
  token: Token,
  request: SandboxRequest,
  [key = '', edge = '', id = '']: readonly string[],
): SandboxResponse | null {
  if (edge !== 'comments') return null
  const post = livePost(state, key)
  if (!post) return failure(404, 'Not found', { code: 'NOT_FOUND' })
  const name = `${request.method}${id === '' ? '' : ' one'}`
  if (name === 'POST') return createComment(state, token, request, post)
  if (name === 'GET') return listComments(state, token, request, post)
  return name === 'DELETE one' ? deleteComment(state, token, request, post, id) : null
}

function mayCommentAs(token: Token, actor: string): boolean {
  const isMember = actor === urnOf(memberById(token.memberId))
  return has(token, isMember ? 'w_member_social_feed' : 'w_organization_social_feed')
}

function createComment(state: State, token: Token, request: SandboxRequest, post: Post): SandboxResponse {
  const body = jsonOf(request)
  const actor = String(body['actor'])
  const given = (body['message'] as { text?: unknown } | undefined)?.text
  const text = typeof given === 'string' ? given : ''
  // Only own posts are here, so only their author comments.
  if (!mayCommentAs(token, actor) || actor !== post.author) return forbidden('socialActions/comments.CREATE')
  if (body['object'] !== post.urn)
    return failure(400, 'object does not match', { code: 'INVALID_VALUE_FOR_FIELD' })
  if (text.trim() === '') return failure(400, 'message is empty', { code: 'INVALID_VALUE_BLANK_FIELD' })
  if ([...text].length > maxLength)
    return failure(400, 'message is too long', { code: 'FIELD_LENGTH_TOO_LONG' })
  const id = String((BigInt(state.now()) << 22n) | BigInt(randomBytes(2).readUInt16BE()))
  const activity = post.urn.replace(/^urn:li:\w+:/, 'urn:li:activity:')
  const urn = `urn:li:comment:(${activity},${id})`
  const comment = { urn, post: post.urn, actor, text, createdAt: state.now(), deleted: false }
  state.comments.set(urn, comment)
  request.made?.(urn)
  const answer = jsonResponse(201, commentView(comment))
  return { ...answer, headers: { ...answer.headers, 'x-restli-id': id } }
}

function commentView({ urn, actor, text, createdAt, post }: Comment): Record<string, unknown> {
  return {
    actor,
    commentUrn: urn,
    id: /,(\d+)\)$/.exec(urn)?.[1],
    created: { actor, time: createdAt },
    lastModified: { actor, time: createdAt },
    message: { attributes: [], text },
    object: post,
  }
}

function listComments(state: State, token: Token, request: SandboxRequest, post: Post): SandboxResponse {
  if (post.author.startsWith('urn:li:person:') || !has(token, 'r_organization_social_feed'))
    return forbidden('socialActions/comments.GET_ALL')
  const count = Number(request.query.get('count') ?? '10')
  const elements = commentsOf(state, post.urn)
    .filter((comment) => !comment.deleted)
    .slice(0, count)
    .map(commentView)
  return jsonResponse(200, { elements, paging: { start: 0, count, links: [], total: elements.length } })
}

function deleteComment(
  state: State,
  token: Token,
  request: SandboxRequest,
  post: Post,
  id: string,
): SandboxResponse {
  const comment = commentsOf(state, post.urn).find(({ urn }) => urn.endsWith(`,${id})`))
  if (!comment) return { status: 204 }
  if (!mayCommentAs(token, comment.actor) || request.query.get('actor') !== comment.actor)
    return forbidden('socialActions/comments.DELETE')
  state.comments.set(comment.urn, { ...comment, deleted: true })
  request.made?.(comment.urn)
  return { status: 204 }
}

function commentsOf(state: State, postUrn: string): Comment[] {
  return [...state.comments.values()].filter(({ post }) => post === postUrn)
}

/** A post that is deleted takes its comments with it. */
export function wallComments(state: State, post: Post): WallComment[] {
  return commentsOf(state, post.urn).map(({ urn, text, createdAt, deleted }) => ({
    remoteId: urn,
    text,
    url: post.url,
    publishedAt: new Date(createdAt).toISOString(),
    deleted: deleted || post.deleted,
  }))
}
