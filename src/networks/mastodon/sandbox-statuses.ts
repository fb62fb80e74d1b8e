/** Posts of Mastodon's simulator: made with a key that is kept an hour, listed, read, deleted, and shown as HTML. */
import { z } from 'zod'
import { linksIn, textProblems } from '#domain/text.ts'
import {
  escapeHtml,
  hash,
  jsonOf,
  jsonResponse,
  type SandboxRequest,
  type SandboxResponse,
} from '../sandbox-kit.ts'
import { definition } from './definition.ts'
import { described as describedMedia } from './sandbox-media.ts'
import {
  type Account,
  described as describedAccount,
  invalid,
  newId,
  notFound,
  problem,
  type State,
  type Status,
  type Upload,
} from './sandbox-state.ts'

export const keyMs = 3_600_000

const inputSchema = z.object({
  status: z.string().default(''),
  media_ids: z.array(z.coerce.string()).default([]),
  in_reply_to_id: z.coerce.string().optional(),
  visibility: z.enum(['public', 'unlisted', 'private', 'direct']).default('public'),
})

export function createStatus(state: State, request: SandboxRequest, account: Account): SandboxResponse {
  const given = request.headers['idempotency-key']
  const key = given === undefined ? undefined : `${account.id}|${given}`
  const before = key === undefined ? undefined : state.keys.get(key)
  const made = before && before.at + keyMs > state.now() ? state.statuses.get(before.statusId) : undefined
  if (made) return jsonResponse(200, described(state, made, request.baseUrl))
  const input = inputSchema.safeParse(jsonOf(request))
  if (!input.success) return invalid(`${input.error.issues[0]?.path.join('.')} is invalid`)
  const refused = refusedStatus(state, account, input.data)
  if (refused) return refused
  const replyTo = input.data.in_reply_to_id
  if (replyTo !== undefined && state.statuses.get(replyTo)?.deleted !== false) return notFound()
  const id = newId(state)
  const status: Status = {
    id,
    owner: account.id,
    text: input.data.status,
    mediaIds: input.data.media_ids,
    ...(replyTo === undefined ? {} : { replyTo }),
    createdAt: state.now(),
    url: `${request.baseUrl}/@${account.username}/${id}`,
    deleted: false,
  }
  state.statuses.set(id, status)
  if (key !== undefined) state.keys.set(key, { statusId: id, at: state.now() })
  request.made?.(id, status.mediaIds)
  return jsonResponse(200, described(state, status, request.baseUrl))
}

function refusedStatus(
  state: State,
  account: Account,
  { status, media_ids: ids }: z.infer<typeof inputSchema>,
): SandboxResponse | null {
  if (status.trim() === '' && ids.length === 0) return invalid("Text can't be blank")
  const rules = definition.text.value
  if (textProblems(status, rules).length > 0)
    return invalid(`Text character limit of ${rules.maxLength} exceeded`)
  if (ids.length > definition.images.value.maxCount)
    return invalid(`Cannot attach more than ${definition.images.value.maxCount} files`)
  for (const id of ids) {
    const upload = state.uploads.get(id)
    if (upload?.owner !== account.id) return invalid(`Media ${id} not found`)
    if (upload.readyAt > state.now())
      return problem(422, 'Cannot attach files that have not finished processing. Try again in a moment!')
  }
  return null
}

export function getStatus(state: State, request: SandboxRequest, id: string): SandboxResponse {
  const status = state.statuses.get(id)
  if (!status || status.deleted) return notFound()
  return jsonResponse(200, described(state, status, request.baseUrl))
}

export function deleteStatus(
  state: State,
  request: SandboxRequest,
  account: Account,
  id: string,
): SandboxResponse {
  const status = state.statuses.get(id)
  if (!status || status.deleted || status.owner !== account.id) return notFound()
  state.statuses.set(id, { ...status, deleted: true })
  request.made?.(id)
  return jsonResponse(200, { ...described(state, status, request.baseUrl), text: status.text })
}

export function listStatuses(state: State, request: SandboxRequest, owner: string): SandboxResponse {
  const { query } = request
  const limit = Math.min(40, Number(query.get('limit') ?? '20') || 20)
  const before = query.get('max_id')
  const own = ownOf(state, owner)
    .filter(({ id }) => before === null || BigInt(id) < BigInt(/^\d+$/.test(before) ? before : '0'))
    .toSorted((a, b) => (BigInt(a.id) < BigInt(b.id) ? 1 : -1))
    .slice(0, limit)
  return jsonResponse(
    200,
    own.map((status) => described(state, status, request.baseUrl)),
  )
}

export function accountAnswer(state: State, request: SandboxRequest, account: Account): SandboxResponse {
  return jsonResponse(200, accountOn(state, account, request.baseUrl))
}

function accountOn(state: State, account: Account, baseUrl: string): object {
  const followers = 1_100 + (hash(account.id) % 9_000)
  return describedAccount(account, baseUrl, { followers, statuses: ownOf(state, account.id).length })
}

function ownOf(state: State, owner: string): Status[] {
  return [...state.statuses.values()].filter((status) => status.owner === owner && !status.deleted)
}

export function uploadsOf(state: State, status: Status): Upload[] {
  return status.mediaIds.flatMap((id) => state.uploads.get(id) ?? [])
}

export function figuresOf(state: State, status: Status) {
  const { share } = state.audience(`${status.owner}|${status.text}`, status.createdAt)
  return {
    likes: share('likes', 0.01, 0.08),
    comments: share('comments', 0.001, 0.01),
    shares: share('shares', 0.002, 0.03),
    quotes: share('quotes', 0, 0.005),
  }
}

function described(state: State, status: Status, baseUrl: string): object {
  const { id, owner, text, url, createdAt, replyTo } = status
  const account = state.accounts.get(owner)
  const figures = figuresOf(state, status)
  return {
    id,
    created_at: new Date(createdAt).toISOString(),
    in_reply_to_id: replyTo ?? null,
    sensitive: false,
    spoiler_text: '',
    visibility: 'public',
    language: null,
    uri: `${baseUrl}/users/${account?.username}/statuses/${id}`,
    url,
    replies_count: figures.comments,
    reblogs_count: figures.shares,
    favourites_count: figures.likes,
    quotes_count: figures.quotes,
    edited_at: null,
    content: htmlOf(text),
    reblog: null,
    account: account ? accountOn(state, account, baseUrl) : null,
    media_attachments: uploadsOf(state, status).map((upload) => describedMedia(upload, baseUrl, true)),
    mentions: [],
    tags: [],
    emojis: [],
    card: null,
    poll: null,
  }
}

/** Paragraphs, line breaks, and links whose beginning and end are hidden from readers. */
function htmlOf(text: string): string {
  const paragraphs = text.split(/\n{2,}/).map((part) => `<p>${linked(part).replaceAll('\n', '<br>')}</p>`)
  return paragraphs.join('')
}

function linked(text: string): string {
  let rest = text
  let html = ''
  for (const link of linksIn(text).filter((candidate) => /^https?:\/\//i.test(candidate))) {
    const at = rest.indexOf(link)
    html += escapeHtml(rest.slice(0, at)) + anchor(link)
    rest = rest.slice(at + link.length)
  }
  return html + escapeHtml(rest)
}

function anchor(link: string): string {
  const [scheme = ''] = /^https?:\/\/(?:www\.)?/i.exec(link) ?? []
  const shown = link.slice(scheme.length)
  const [visible, hidden] = [shown.slice(0, 30), shown.slice(30)].map(escapeHtml)
  return `<a href="${escapeHtml(link)}" rel="nofollow noopener" target="_blank"><span class="invisible">${scheme}</span><span class="${hidden === '' ? '' : 'ellipsis'}">${visible}</span><span class="invisible">${hidden}</span></a>`
}
