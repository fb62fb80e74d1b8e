/** What one call with one item costs by the book a network is shipped with. */
import type { Money } from '#domain/money.ts'
import { type Conditions, type EffectiveBook, effectiveBook, priceBefore } from '#domain/prices.ts'
import type { NetworkDefinition } from '#networks/contract.ts'

const books = new WeakMap<object, EffectiveBook>()

/** `on`: a UTC day, YYYY-MM-DD. Null where no price is known. */
export function shippedPrice(
  { priceBook }: Pick<NetworkDefinition, 'priceBook'>,
  call: { endpointClass: string } & Conditions,
  on: string,
): Money | null {
  const book = books.get(priceBook) ?? effectiveBook(priceBook)
  books.set(priceBook, book)
  return priceBefore(book, { ...call, plan: book.defaultPlan, on }, { mostItems: 1 }).amount
}
