/** Comments of Instagram's simulator: an account's own below its posts. */
import { graphTime } from '../graph-sandbox.ts'
import { jsonResponse, type SandboxResponse, type WallComment } from '../sandbox-kit.ts'
import {
  accountById,
  type Call,
  type Comment,
  type Media,
  mayUse,
  missing,
  nextId,
  refuse,
  scopeMissing,
  type State,
} from './sandbox-state.ts'

export function commentsEdge(call: Call, mediaId: string): SandboxResponse {
  const refused = scopeMissing(call, 'manage_comments')
  if (refused) return refused
  return call.request.method === 'POST' ? createComment(call, mediaId) : listComments(call, mediaId)
}

function createComment({ state, login, params, request }: Call, mediaId: string): SandboxResponse {
  const text = params.get('message') ?? ''
  if (text.trim() === '') return refuse(login, { code: 100, message: 'The parameter message is required' })
  if (Array.from(text).length > 2_200)
    return refuse(login, { code: 100, message: 'Param message must be at most 2200 characters long.' })
  const id = nextId(state, '1785')
  state.comments.set(id, { mediaId, text, createdAt: state.now(), deleted: false })
  request.made?.(id)
  return jsonResponse(200, { id })
}

/** The newest first. */
function listComments({ state, params }: Call, mediaId: string): SandboxResponse {
  const data = commentsOf(state, mediaId)
    .filter(([, comment]) => !comment.deleted)
    .toReversed()
    .slice(0, Number(params.get('limit') ?? 25))
    .map(([id, { text, createdAt }]) => ({ id, text, timestamp: graphTime(createdAt) }))
  return jsonResponse(200, { data, paging: { cursors: { before: 'QVFI', after: 'QVFJ' } } })
}

function commentsOf(state: State, mediaId: string): Array<[string, Comment]> {
  return state.comments.entries().filter(([, comment]) => comment.mediaId === mediaId)
}

/** A comment by its own id, which can be read and deleted. */
export function commentCall(call: Call, id: string, comment: Comment): SandboxResponse {
  const account = accountById(call.state.media.get(comment.mediaId)?.accountId ?? '')
  if (!account || !mayUse(call, account)) return missing(call.login)
  const refused = scopeMissing(call, 'manage_comments')
  if (refused) return refused
  const { text, createdAt } = comment
  if (call.request.method !== 'DELETE')
    return jsonResponse(200, { id, text, timestamp: graphTime(createdAt) })
  call.state.comments.set(id, { ...comment, deleted: true })
  call.request.made?.(id)
  return jsonResponse(200, { success: true })
}

/** A post that is deleted takes its comments with it. */
export function wallComments(state: State, mediaId: string, media: Media): WallComment[] {
  return commentsOf(state, mediaId).map(([remoteId, { text, createdAt, deleted }]) => ({
    remoteId,
    text,
    url: media.permalink,
    publishedAt: new Date(createdAt).toISOString(),
    deleted: deleted || media.deleted,
  }))
}
