/** Comments of Facebook's simulator: a page's own below its posts. */
import { jsonResponse, type SandboxResponse, type WallComment } from '../sandbox-kit.ts'
import { newId } from './sandbox-posts.ts'
import { type Call, type Comment, failure, metaTime, type Post, type State, text } from './sandbox-state.ts'

export function commentsEdge(state: State, call: Call, id: string, post: Post): SandboxResponse {
  return call.request.method === 'POST' ? createComment(state, call, id, post) : listComments(state, call, id)
}

function createComment(state: State, call: Call, postId: string, post: Post): SandboxResponse {
  if (!call.token.scopes.includes('pages_manage_engagement'))
    return failure(200, '(#200) Requires pages_manage_engagement permission')
  const message = (text(call.fields, 'message') ?? '').replace(/\r\n?/g, '\n').trim()
  if (message === '') return failure(100, '(#100) Missing message or attachment')
  if ([...message.normalize('NFC')].length > 8_000)
    return failure(100, '(#100) Param message must be at most 8000 characters long.')
  const number = newId()
  const id = `${postId.split('_')[1]}_${number}`
  const url = `${post.url}?comment_id=${number}`
  state.comments.set(id, { postId, message, createdAt: state.now(), deleted: false, url })
  call.request.made?.(id)
  return jsonResponse(200, { id })
}

function listComments(state: State, { query, token }: Call, postId: string): SandboxResponse {
  if (!token.scopes.includes('pages_read_user_content'))
    return failure(10, '(#10) This endpoint requires the pages_read_user_content permission')
  const limit = Math.min(100, Number(query.get('limit') ?? 25))
  const start = Number(query.get('after') ?? 0)
  const all = commentsOf(state, postId).filter(([, comment]) => !comment.deleted)
  const data = all.slice(start, start + limit).map(([id, { message, createdAt, url }]) => ({
    id,
    message,
    created_time: metaTime(createdAt),
    permalink_url: url,
  }))
  const after = String(start + limit)
  const next = start + limit < all.length ? { next: `https://graph.facebook.com/?after=${after}` } : {}
  return jsonResponse(200, { data, paging: { cursors: { before: String(start), after }, ...next } })
}

function commentsOf(state: State, postId: string): Array<[string, Comment]> {
  return state.comments
    .entries()
    .filter(([, comment]) => comment.postId === postId)
    .toSorted(([, a], [, b]) => a.createdAt - b.createdAt)
}

/** A comment by its own id, which can be read and deleted. */
export function commentCall(state: State, call: Call, id: string, comment: Comment): SandboxResponse {
  if (call.request.method !== 'DELETE')
    return jsonResponse(200, { id, message: comment.message, created_time: metaTime(comment.createdAt) })
  state.comments.set(id, { ...comment, deleted: true })
  call.request.made?.(id)
  return jsonResponse(200, { success: true })
}

/** A post that is deleted takes its comments with it. */
export function wallComments(state: State, postId: string, isPostDeleted: boolean): WallComment[] {
  return commentsOf(state, postId).map(([remoteId, { message, createdAt, deleted, url }]) => ({
    remoteId,
    text: message,
    url,
    publishedAt: new Date(createdAt).toISOString(),
    deleted: deleted || isPostDeleted,
  }))
}
