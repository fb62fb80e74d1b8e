/** What publishing costs by the price book of a workspace: every call that it takes, as the meter will price it. */
import { addMoney, type Money, toMicros } from '#domain/money.ts'
import { type Conditions, entryFor, isInForce, priceBefore } from '#domain/prices.ts'
import { hasLink } from '#domain/text.ts'
import { kindOf, type NetworkPrices } from '#engine/price-books.ts'

export type ToSend = {
  text: string
  images: ReadonlyArray<{ altText: string }>
  /** The first comment that goes out below it. */
  comment: string | null
}

/** Where and when: `on` is a UTC day, YYYY-MM-DD. */
export type Place = { connectionId: string | null; on: string }

type Kind = { endpointClass: string } & Conditions

/** One call that gives one item; null where no price is known. */
export function priceOf(prices: NetworkPrices, place: Place, call: Kind): Money | null {
  return priceBefore(prices.book, kindOf(prices, { ...place, ...call }), { mostItems: 1 }).amount
}

/** Whether the network charges the same item once in a UTC day. */
export function isChargedOnceADay(prices: NetworkPrices, place: Place, call: Kind): boolean {
  const entry = entryFor(prices.book, kindOf(prices, { ...place, ...call }))
  return entry !== null && 'dedupe' in entry && entry.dedupe !== undefined
}

export type Cost = {
  /** Of the calls whose price is known; null where none is. */
  cost: Money | null
  /** Kinds of calls whose price is not known. */
  unpriced: string[]
}

export function publishCost(prices: NetworkPrices, place: Place, { text, images, comment }: ToSend): Cost {
  const described = images.filter(({ altText }) => altText !== '').length
  return costOf(prices, place, [
    { endpointClass: 'post.create', hasLink: hasLink(text) },
    ...images.map(() => ({ endpointClass: 'media.upload' })),
    ...Array.from({ length: described }, () => ({ endpointClass: 'media.metadata' })),
    ...(comment === null ? [] : [commentCall(comment)]),
  ])
}

export function commentCost(prices: NetworkPrices, place: Place, text: string): Cost {
  return costOf(prices, place, [commentCall(text)])
}

const commentCall = (text: string): Kind => ({ endpointClass: 'comment.create', hasLink: hasLink(text) })

function costOf(prices: NetworkPrices, place: Place, calls: readonly Kind[]): Cost {
  const priced = calls.map((call) => {
    const kind = kindOf(prices, { ...place, ...call })
    return { ...priceBefore(prices.book, kind, { mostItems: 1 }), endpointClass: call.endpointClass }
  })
  const known = priced.flatMap(({ amount }) => amount ?? [])
  // What a network's book does not name at all is no call of it.
  const unknown = priced.filter(({ amount, key }) => amount === null && key !== null)
  return {
    cost: known.length === 0 ? null : addMoney(known, prices.book.currency),
    unpriced: [...new Set(unknown.map(({ endpointClass }) => endpointClass))],
  }
}

export type LinkCost = { withLink: Money; withoutLink: Money }

/** What a post alone costs with and without a link, where that makes a difference. */
export function linkCost(prices: NetworkPrices, place: Place): LinkCost | null {
  const [withLink, withoutLink] = [true, false].map((is) =>
    priceOf(prices, place, { endpointClass: 'post.create', hasLink: is }),
  )
  if (!withLink || !withoutLink || withLink.amount === withoutLink.amount) return null
  return { withLink, withoutLink }
}

/** Whether anything that this network is asked for costs by the day's prices and the plan in use. */
export function isPriced(prices: NetworkPrices, on: string): boolean {
  const { book, plan } = prices
  return book.entries.some(
    (entry) =>
      entry.plan === plan &&
      'price' in entry &&
      entry.unit !== 'month' &&
      entry.price !== null &&
      toMicros(entry.price) > 0n &&
      isInForce(entry, on),
  )
}
