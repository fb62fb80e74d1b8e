/** What the server of an account takes, where a network is many servers that each set limits of their own. Pure. */
import type { TextRules } from './text.ts'

/** What one server says; what it leaves out is as everywhere on the network. */
export type OwnLimits = {
  /** Of a text, in the network's own units. */
  maxLength?: number | undefined
  /** What a link counts, whatever its length. */
  urlLength?: number | undefined
  /** Images of a post. */
  maxCount?: number | undefined
  /** Of an image. */
  maxBytes?: number | undefined
  maxAltLength?: number | undefined
}

type Rules = {
  text: { value: object }
  images: { value: { maxCount: number; maxBytes: number; maxAltLength?: number | undefined } }
  comment?: { value: { text: { value: object } } | null }
}

/** A network's rules as they hold at one server; the very same where it says nothing. */
export function withOwnLimits<Network extends Rules>(network: Network, limits: OwnLimits | null): Network {
  if (limits === null || Object.keys(limits).length === 0) return network
  const { maxCount, maxBytes, maxAltLength } = limits
  const text = (rules: object) => ({ ...rules, value: textOf((rules as { value: TextRules }).value, limits) })
  const images = {
    ...network.images.value,
    ...(maxCount === undefined ? {} : { maxCount }),
    ...(maxBytes === undefined ? {} : { maxBytes }),
    ...(maxAltLength === undefined ? {} : { maxAltLength }),
  }
  const comment = network.comment?.value
  // Only values of rules are replaced, by rules of the same kind.
  return {
    ...network,
    text: text(network.text),
    images: { ...network.images, value: images },
    ...(comment ? { comment: { ...network.comment, value: { ...comment, text: text(comment.text) } } } : {}),
  }
}

function textOf(rules: TextRules, { maxLength = rules.maxLength, urlLength }: OwnLimits): TextRules {
  const { counts } = rules
  if (urlLength === undefined || counts.unit === 'characters') return { ...rules, maxLength }
  return { ...rules, maxLength, counts: { ...counts, urlLength } }
}
