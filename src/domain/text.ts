/** Counting text as each network counts it. The rules are data; the same code runs on server and in the composer. */

/** How one network measures text. Lengths are in the network's own units. */
export type TextRules = {
  maxLength: number
  counts:
    | { unit: 'characters' } // Unicode code points
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
}

export type WeightRange = { start: number; end: number; weight: number }

/** A token that counts as a link: with scheme, or a bare domain of a known shape; never part of an e-mail address. */
const linkPattern =
  /(?<![\p{L}\p{N}@._-])(?:https?:\/\/[^\s<>"“”]+|(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]*[\p{L}\p{N}])?\.)+(?:com|org|net|edu|gov|info|biz|dev|app|shop|blog|io|ai|co|me|tv|eu|de|at|ch|fr|it|es|nl|be|pl|se|no|dk|fi|uk|us|ca|au|jp|cn|in|br)(?![\p{L}\p{N}@-])(?:\/[^\s<>"“”]*)?)/giu
const emojiPattern = /\p{RGI_Emoji}/gv
const trailingPunctuation = /[.,;:!?'")\]}]+$/u

/** Links in a text, as they stand there, without closing punctuation. */
export function linksIn(text: string): string[] {
  return [...text.matchAll(linkPattern)].map((match) => match[0].replace(trailingPunctuation, ''))
}

export function hasLink(text: string): boolean {
  return linksIn(text).length > 0
}

/** Length in the network's own units. */
export function textLength(text: string, rules: TextRules): number {
  const normal = text.normalize('NFC')
  if (rules.counts.unit === 'characters') return [...normal].length
  const { scale, defaultWeight, urlLength, emojiLength, ranges } = rules.counts
  let length = 0
  let rest = normal
  for (const link of linksIn(normal)) {
    rest = rest.replace(link, '')
    length += urlLength
  }
  rest = rest.replace(emojiPattern, () => {
    length += emojiLength
    return ''
  })
  let weight = 0
  for (const character of rest) weight += weightOf(character.codePointAt(0) ?? 0, ranges, defaultWeight)
  return length + Math.floor(weight / scale)
}

function weightOf(codePoint: number, ranges: readonly WeightRange[], otherwise: number): number {
  return ranges.find((range) => codePoint >= range.start && codePoint <= range.end)?.weight ?? otherwise
}

export type TextProblem = {
  code: 'text_too_long' | 'too_many_hashtags' | 'too_many_mentions'
  actual: number
  allowed: number
}

/** Everything about the text the network would refuse. */
export function textProblems(text: string, rules: TextRules): TextProblem[] {
  const problems: TextProblem[] = []
  const length = textLength(text, rules)
  if (length > rules.maxLength)
    problems.push({ code: 'text_too_long', actual: length, allowed: rules.maxLength })
  const hashtags = [...text.matchAll(/(?<![\p{L}\p{N}])#[\p{L}\p{N}_]+/gu)].length
  if (rules.maxHashtags !== undefined && hashtags > rules.maxHashtags) {
    problems.push({ code: 'too_many_hashtags', actual: hashtags, allowed: rules.maxHashtags })
  }
  const mentions = [...text.matchAll(/(?<![\p{L}\p{N}])@[\p{L}\p{N}_.]+/gu)].length
  if (rules.maxMentions !== undefined && mentions > rules.maxMentions) {
    problems.push({ code: 'too_many_mentions', actual: mentions, allowed: rules.maxMentions })
  }
  return problems
}
