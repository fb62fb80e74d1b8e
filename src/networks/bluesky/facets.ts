/**
 * What in a text is a link, a mention or a hashtag.
 *
 * The network shows text as it is; only these ranges, counted in UTF-8 bytes, make parts of it work. The rules for
 * mentions and hashtags are those of its own composer (rich text of @atproto/api 0.21.0, read 2026-11-23).
 */
import { linksIn } from '#domain/text.ts'

export type Feature =
  | { $type: 'app.bsky.richtext.facet#link'; uri: string }
  | { $type: 'app.bsky.richtext.facet#mention'; did: string }
  | { $type: 'app.bsky.richtext.facet#tag'; tag: string }

export type Facet = { index: { byteStart: number; byteEnd: number }; features: [Feature] }

const mention =
  /(?<=^|\s|\()@((?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?)/gi
const hashtag = /(?<=^|\s)[#＃](?!\ufe0f)((?:(?![\u00AD\u2060\u200A-\u200C]|\u200D|\u20e2)\S)+)/gu
/** A tag has more than digits and punctuation, and ends with neither a full stop nor a bracket. */
const isTag = /[^\d\s\p{P}]/u
const trailing = /\p{P}+$/u
const maxTagLength = 64

/** The handles somebody is mentioned by, each once. */
export function handlesIn(text: string): string[] {
  return [...new Set([...text.matchAll(mention)].map((match) => (match[1] ?? '').toLowerCase()))]
}

/** `dids` holds whom each handle belongs to; a handle that is missing stays plain text. */
export function facetsOf(text: string, dids: Readonly<Record<string, string>>): Facet[] {
  const facets = [...linkFacets(text), ...mentionFacets(text, dids), ...tagFacets(text)]
  facets.sort((a, b) => a.index.byteStart - b.index.byteStart)
  return facets.filter((facet, at) => facet.index.byteStart >= (facets[at - 1]?.index.byteEnd ?? 0))
}

function linkFacets(text: string): Facet[] {
  let from = 0
  return linksIn(text).map((link) => {
    const start = text.indexOf(link, from)
    from = start + link.length
    const uri = /^https?:\/\//i.test(link) ? link : `https://${link}`
    return facet(text, start, link, { $type: 'app.bsky.richtext.facet#link', uri })
  })
}

function mentionFacets(text: string, dids: Readonly<Record<string, string>>): Facet[] {
  return [...text.matchAll(mention)].flatMap((match) => {
    const did = dids[(match[1] ?? '').toLowerCase()]
    if (did === undefined) return []
    return [facet(text, match.index, match[0], { $type: 'app.bsky.richtext.facet#mention', did })]
  })
}

function tagFacets(text: string): Facet[] {
  return [...text.matchAll(hashtag)].flatMap((match) => {
    const tag = (match[1] ?? '').replace(trailing, '')
    if (!isTag.test(tag) || [...tag].length > maxTagLength) return []
    return [facet(text, match.index, `#${tag}`, { $type: 'app.bsky.richtext.facet#tag', tag })]
  })
}

const bytes = (text: string) => Buffer.byteLength(text, 'utf8')

function facet(text: string, start: number, part: string, feature: Feature): Facet {
  const byteStart = bytes(text.slice(0, start))
  const shown = text.slice(start, start + part.length)
  return { index: { byteStart, byteEnd: byteStart + bytes(shown) }, features: [feature] }
}
