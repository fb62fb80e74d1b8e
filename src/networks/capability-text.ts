/** What each network takes as text, of a post and of a first comment, as the page about the networks says it. */
import type { TextRules } from '#domain/text.ts'
import { count, list, sourceOf, yesBut } from './capability-kit.ts'
import type { FindRules, NetworkDefinition } from './contract.ts'

/** Of a text, in the network's own counting. */
export function textLimit({ maxLength, counts }: TextRules): string {
  return `${count(maxLength)} (${unitOf(counts)})`
}

function unitOf(counts: TextRules['counts']): string {
  if (counts.unit === 'weighted') return `weighted, a link is ${counts.urlLength}`
  if (counts.unit === 'graphemes')
    return `characters as people see them${counts.urlLength === undefined ? '' : `, a link is ${counts.urlLength}`}`
  return counts.emoji === 'utf8-bytes' ? 'characters, an emoji counts its bytes' : 'characters'
}

export function textRules(rules: TextRules): string[] {
  const { maxBytes, maxHashtags, maxMentions, maxLinks } = rules
  return list([
    `at most ${textLimit(rules)}`,
    maxBytes === undefined ? null : `at most ${count(maxBytes)} bytes in UTF-8`,
    maxHashtags === undefined ? null : `at most ${maxHashtags} hashtags`,
    maxMentions === undefined ? null : `at most ${maxMentions} mentions`,
    maxLinks === undefined ? null : `at most ${maxLinks} different links`,
  ])
}

export function lostAnswer(value: FindRules): string[] {
  const ways = {
    container: 'the container that was prepared tells whether it was published',
    listing: 'what is newest there is listed and compared',
    'duplicate-refusal': 'sending the same again is refused and names the live post',
    key: 'a key sent along makes repeating harmless',
  }
  return list([
    ways[value.how],
    `the first look comes after ${value.settleSeconds} seconds`,
    `absence is believed after ${value.emptyReads} empty looks`,
    `looked for during ${count(value.windowSeconds)} seconds`,
  ])
}

/** In a word, for the overview. */
export function firstComment({ comment, logins }: NetworkDefinition): string {
  if (comment.value === null) return 'no'
  const without = yesBut(logins.filter((login) => login.canComment === false)).replace(/^yes(?:, )?/, '')
  return [textLimit(comment.value.text.value), ...(without === '' ? [] : [without])].join(', ')
}

/** What it may be, and how it is found where the answer is lost. */
export function commentRules({ name, comment, logins }: NetworkDefinition): string[] {
  if (comment.value === null)
    return [`Litfass writes none on ${name}, and the composer says so.`, '', ...sourceOf(comment)]
  const { text, find, outlivesPost } = comment.value
  const scopes = [...new Set(logins.flatMap(({ commentScopes = {} }) => Object.values(commentScopes).flat()))]
  return [
    ...(scopes.length === 0
      ? []
      : [`Permissions it needs: ${scopes.map((scope) => `\`${scope}\``).join(' ')}`, '']),
    ...textRules(text.value),
    ...sourceOf(text),
    ...list([
      outlivesPost
        ? 'a post of its own, which is deleted together with the post above it'
        : 'gone when the post above it is deleted',
    ]),
    ...sourceOf(comment),
    'A lost answer:',
    '',
    ...lostAnswer(find.value),
    ...sourceOf(find),
  ]
}
