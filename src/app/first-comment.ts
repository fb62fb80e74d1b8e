/** The first comment of a post: whose it is on which channel, and what its network would refuse. Saves nothing. */
import { textLength } from '#domain/text.ts'
import type { CommentRules, NetworkDefinition, RemoteChannel } from '#networks/contract.ts'
import { type Problem, textProblemsOf } from './validate.ts'

export type FirstComments = {
  /** Below the post on every channel that takes one; empty for none. */
  firstComment?: string | undefined
  /** One of its own for a channel, by channel id; empty for none there. */
  firstComments?: Readonly<Record<string, string>> | undefined
}

/** `isOffered`: false where the post goes out without. Lengths are 0 then. */
export type CommentVerdict = { isOffered: boolean; length: number; maxLength: number; problems: Problem[] }

export type CommentTarget = {
  id: string
  login: string
  kind: RemoteChannel['kind']
  scopes: readonly string[]
}

/** The text meant for this channel, as it was written; empty where none is. */
export function firstCommentFor(content: FirstComments, channelId: string): string {
  const text = content.firstComments?.[channelId] ?? content.firstComment ?? ''
  return text.trim() === '' ? '' : text
}

/** What the network and this login take as a comment, or null. */
function rulesFor(definition: NetworkDefinition, login: string): CommentRules | null {
  const isWithout = definition.logins.find(({ id }) => id === login)?.canComment === false
  return isWithout ? null : definition.comment.value
}

/** Null where none is wanted. One meant for this very channel must be possible; the post's own is left out where it is not. */
export function commentVerdictOf(
  definition: NetworkDefinition,
  target: CommentTarget,
  content: FirstComments,
): CommentVerdict | null {
  const text = firstCommentFor(content, target.id)
  if (text === '') return null
  const rules = rulesFor(definition, target.login)
  if (rules === null) {
    const isOwn = content.firstComments?.[target.id] !== undefined
    return { isOffered: false, length: 0, maxLength: 0, problems: isOwn ? [notOffered(definition)] : [] }
  }
  const { maxLength } = rules.text.value
  const problems = textProblemsOf(definition.name, text, rules.text.value, 'comment_')
  const missing = missingScopes(definition, target)
  if (missing.length > 0) problems.push(notPermitted(definition, missing))
  return { isOffered: true, length: textLength(text, rules.text.value), maxLength, problems }
}

/** Grants from before first comments were asked for lack what they need. */
function missingScopes(definition: NetworkDefinition, { login, kind, scopes }: CommentTarget): string[] {
  const needed = definition.logins.find(({ id }) => id === login)?.commentScopes?.[kind] ?? []
  // A grant that was taken over may come without its scopes: then the network itself has to say no.
  return scopes.length === 0 ? [] : needed.filter((scope) => !scopes.includes(scope))
}

function notOffered({ name }: NetworkDefinition): Problem {
  const message = `${name} lets Litfass write no first comment here`
  return { code: 'comment_not_offered', message, params: { network: name } }
}

function notPermitted({ name }: NetworkDefinition, missing: readonly string[]): Problem {
  const message = `The connection to ${name} lacks the permission for a first comment (${missing.join(', ')}); connect the account again`
  return { code: 'comment_not_permitted', message, params: { network: name, missing: missing.join(', ') } }
}
