/** Counting what is written by the rules of each network. Pure. */
import { withOwnLimits } from '#contract/limits.ts'
import { textLength, type TextRules } from '#contract/text.ts'
import type { Channel, Network } from './content.ts'

/** The network's rules as they hold at each channel's own server, the same rules once. */
export function rulesFor(
  channels: readonly Channel[],
  networkOf: (id: string) => Network | undefined,
): Network[] {
  const found = new Map<string, Network>()
  for (const { network: id, ownLimits } of channels) {
    const network = networkOf(id)
    const key = JSON.stringify([id, ownLimits])
    if (network && !found.has(key)) found.set(key, withOwnLimits(network, ownLimits))
  }
  return [...found.values()]
}

/** The same networks by what they take as a comment; those that take none are left out. */
export function commentRules(networks: readonly Network[]): Network[] {
  return networks.flatMap((network) =>
    network.comment.value === null ? [] : [{ ...network, text: network.comment.value.text }],
  )
}

export type Count = { length: number; maxLength: number; left: number }

export function countFor(text: string, network: Network): Count {
  const rules = network.text.value as TextRules
  const length = textLength(text, rules)
  return { length, maxLength: rules.maxLength, left: rules.maxLength - length }
}

/** The network of several that leaves the least room for this text. */
export function strictest(text: string, networks: readonly Network[]): Network | undefined {
  const [first, ...rest] = networks
  return rest.reduce(
    (least, network) =>
      least && countFor(text, network).left >= countFor(text, least).left ? least : network,
    first,
  )
}

/** Index in the text from which on the network has no more room; the text's length where all of it fits. */
export function fittingLength(text: string, network: Network): number {
  const rules = network.text.value as TextRules
  if (textLength(text, rules) <= rules.maxLength) return text.length
  const characters = [...text]
  let low = 0
  let high = characters.length
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if (textLength(characters.slice(0, middle).join(''), rules) <= rules.maxLength) low = middle
    else high = middle - 1
  }
  return characters.slice(0, low).join('').length
}

/** The shortest alt text limit of the chosen networks; undefined where none states one. */
export function maxAltLength(networks: readonly Network[]): number | undefined {
  const limits = networks.flatMap((network) => network.images.value.maxAltLength ?? [])
  return limits.length === 0 ? undefined : Math.min(...limits)
}
