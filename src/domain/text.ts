/** Counting text as each network counts it. The rules are data; the same code runs on server and in the composer. */

/** How one network measures text. Lengths are in the network's own units. */
export type TextRules = {
  maxLength: number
  /** In UTF-8, where the network limits that as well. */
  maxBytes?: number
  counts:
    // Unicode code points, as they are sent; an emoji may count as its UTF-8 bytes instead.
    | { unit: 'characters'; emoji?: 'utf8-bytes' }
    // What a person sees as one character, an emoji of several parts included. With `urlLength` every link with
    // its scheme counts that much; a mention may count without the domain of its server.
    | { unit: 'graphemes'; urlLength?: number; mentions?: 'without-domain' }
    | {
        unit: 'weighted'
        scale: number
        defaultWeight: number
        urlLength: number
        emojiLength: number
        ranges: readonly WeightRange[]
      }
  maxHashtags?: number
  maxMentions?: number
  /** Different links; the same one twice counts once. */
  maxLinks?: number
}

export type WeightRange = { start: number; end: number; weight: number }

/** A token that counts as a link: with scheme, or a bare domain of a known shape; never part of an e-mail address. */
const linkPattern =
  /(?<![\p{L}\p{N}@._-])(?:https?:\/\/[^\s<>"“”]+|(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]*[\p{L}\p{N}])?\.)+(?:com|org|net|edu|gov|info|biz|dev|app|shop|blog|io|ai|co|me|tv|eu|de|at|ch|fr|it|es|nl|be|pl|se|no|dk|fi|uk|us|ca|au|jp|cn|in|br)(?![\p{L}\p{N}@-])(?:\/[^\s<>"“”]*)?)/giu
/** A link with its scheme, of any shape. */
const urlPattern = /https?:\/\/[^\s<>"“”]+/giu
const remoteMentionPattern =
  /(?<![\p{L}\p{N}_/=])@([a-z0-9_][a-z0-9_.-]*)@[\p{L}\p{N}](?:[\p{L}\p{N}.-]*[\p{L}\p{N}])?/giu
const emojiPattern = /\p{RGI_Emoji}/gv
const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })
const closing = `.,;:!?'")]}`

/** Links in a text, as they stand there, without closing punctuation. */
export function linksIn(text: string): string[] {
  return [...text.matchAll(linkPattern)].map((match) => withoutClosing(match[0]))
}

/** A loop, because a pattern would take quadratic time on a long run of punctuation. */
function withoutClosing(link: string): string {
  let end = link.length
  while (end > 0 && closing.includes(link.charAt(end - 1))) end -= 1
  return link.slice(0, end)
}

export function hasLink(text: string): boolean {
  return linksIn(text).length > 0
}

/**
 * Length in the network's own units.
 *
 * Characters are counted in the form the text is sent in, which is never altered; only a weighted count
 * composes them first, because that is how the network that weighs does it.
 */
export function textLength(text: string, rules: TextRules): number {
  if (rules.counts.unit === 'characters')
    return rules.counts.emoji === 'utf8-bytes' ? lengthWithEmojiBytes(text) : [...text].length
  if (rules.counts.unit === 'graphemes') return [...graphemes.segment(shortened(text, rules.counts))].length
  const { scale, urlLength, emojiLength } = rules.counts
  let length = 0
  let weight = 0
  for (const { isLink, part } of linksAndRest(text.normalize('NFC'))) {
    if (isLink) {
      length += urlLength
      continue
    }
    const plain = part.replace(emojiPattern, () => {
      length += emojiLength
      return ''
    })
    for (const character of plain) weight += weightOf(character.codePointAt(0) ?? 0, rules.counts)
  }
  return length + Math.floor(weight / scale)
}

/** The text with everything that counts less than it is long in the length it counts. */
function shortened(
  text: string,
  { urlLength, mentions }: Extract<TextRules['counts'], { unit: 'graphemes' }>,
): string {
  const plain =
    urlLength === undefined
      ? text
      : text.replace(urlPattern, (match) => '-'.repeat(urlLength) + match.slice(withoutClosing(match).length))
  return mentions === undefined ? plain : plain.replace(remoteMentionPattern, '@$1')
}

function lengthWithEmojiBytes(text: string): number {
  let length = 0
  const plain = text.replace(emojiPattern, (emoji) => {
    length += new TextEncoder().encode(emoji).length
    return ''
  })
  return length + [...plain].length
}

/** The text in pieces: links, and what stands between them. */
function linksAndRest(text: string): Array<{ isLink: boolean; part: string }> {
  const parts: Array<{ isLink: boolean; part: string }> = []
  let from = 0
  for (const match of text.matchAll(linkPattern)) {
    const link = withoutClosing(match[0])
    parts.push({ isLink: false, part: text.slice(from, match.index) }, { isLink: true, part: link })
    from = match.index + link.length
  }
  return [...parts, { isLink: false, part: text.slice(from) }]
}

function weightOf(codePoint: number, counts: { ranges: readonly WeightRange[]; defaultWeight: number }) {
  const range = counts.ranges.find(({ start, end }) => codePoint >= start && codePoint <= end)
  return range?.weight ?? counts.defaultWeight
}

export type TextProblem = {
  code: 'text_too_long' | 'text_too_large' | 'too_many_hashtags' | 'too_many_mentions' | 'too_many_links'
  actual: number
  allowed: number
}

/** Everything about the text, and a link on a card beside it, that the network would refuse. */
export function textProblems(text: string, rules: TextRules, card?: string): TextProblem[] {
  const problems: TextProblem[] = []
  const length = textLength(text, rules)
  if (length > rules.maxLength)
    problems.push({ code: 'text_too_long', actual: length, allowed: rules.maxLength })
  const bytes = rules.maxBytes === undefined ? 0 : new TextEncoder().encode(text).length
  if (rules.maxBytes !== undefined && bytes > rules.maxBytes)
    problems.push({ code: 'text_too_large', actual: bytes, allowed: rules.maxBytes })
  const hashtags = [...text.matchAll(/(?<![\p{L}\p{N}])#[\p{L}\p{N}_]+/gu)].length
  if (rules.maxHashtags !== undefined && hashtags > rules.maxHashtags) {
    problems.push({ code: 'too_many_hashtags', actual: hashtags, allowed: rules.maxHashtags })
  }
  const mentions = [...text.matchAll(/(?<![\p{L}\p{N}])@[\p{L}\p{N}_.]+/gu)].length
  if (rules.maxMentions !== undefined && mentions > rules.maxMentions) {
    problems.push({ code: 'too_many_mentions', actual: mentions, allowed: rules.maxMentions })
  }
  const links = new Set([...linksIn(text), ...(card === undefined ? [] : [card])]).size
  if (rules.maxLinks !== undefined && links > rules.maxLinks) {
    problems.push({ code: 'too_many_links', actual: links, allowed: rules.maxLinks })
  }
  return problems
}
