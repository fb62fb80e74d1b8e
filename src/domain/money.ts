/** Exact decimal money. Amounts are decimal strings; the arithmetic runs on integers of 1e-6 units. */

/** `amount` is a decimal string with at most six places; `currency` an ISO 4217 code. */
export type Money = { amount: string; currency: string }

const places = 6

/** Micro-units of a decimal string. Throws on anything that is no decimal with at most six places. */
export function toMicros(amount: string): bigint {
  const match = /^(-?)(\d+)(?:\.(\d{1,6}))?$/.exec(amount)
  if (!match) throw new Error(`not a decimal amount: ${amount}`)
  const micros = BigInt(match[2] + (match[3] ?? '').padEnd(places, '0'))
  return match[1] === '-' ? -micros : micros
}

/** Decimal string of micro-units, with at least three places, as unit prices are written. */
export function fromMicros(micros: bigint): string {
  const sign = micros < 0n ? '-' : ''
  const digits = (micros < 0n ? -micros : micros).toString().padStart(places + 1, '0')
  const fraction = digits.slice(-places).replace(/0{1,3}$/, '')
  return `${sign}${digits.slice(0, -places)}.${fraction}`
}

/** Sum of amounts of one currency. Throws when currencies differ: they are never added up. */
export function addMoney(parts: readonly Money[], currency: string): Money {
  let total = 0n
  for (const part of parts) {
    if (part.currency !== currency) throw new Error(`cannot add ${part.currency} to ${currency}`)
    total += toMicros(part.amount)
  }
  return { amount: fromMicros(total), currency }
}

export function timesMoney(price: Money, count: number): Money {
  return { amount: fromMicros(toMicros(price.amount) * BigInt(count)), currency: price.currency }
}
