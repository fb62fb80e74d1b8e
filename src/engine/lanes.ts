/**
 * What deliveries write on their way, gathered so that one commit keeps all that waits.
 *
 * There are two lanes, so that one is written while the other is gathered: what must be kept before a request leaves,
 * its intent and its opening entry in the ledger; and what its answer brought, the settling entry, the settlement,
 * and the claim of the channel's next delivery.
 */
import type { Handle } from '#storage/deliveries.ts'
import { type Piece, runPieces } from '#storage/pieces.ts'
import { createBatcher } from './batcher.ts'

export type Ready<Item, Result> = {
  pieces: readonly Piece[]
  /** When it is committed; `answers` of the pieces, in their order. */
  kept: (answers: readonly unknown[]) => (item: Item) => Result
  /** It failed, and nobody knows whether it was kept. */
  lost?: () => void
}

export type Part<Item, Result> = {
  /** Whether something must be read and locked before, in the same transaction. */
  needsTransaction?: (items: readonly Item[]) => boolean
  ready: (handle: Handle, items: readonly Item[]) => Ready<Item, Result> | Promise<Ready<Item, Result>>
}

/** Gives what writes one item of that part. */
export type Lane = <Item, Result>(part: Part<Item, Result>) => (item: Item) => Promise<Result>

export type Lanes = { departures: Lane; arrivals: Lane }

export function createLanes(db: Handle): Lanes {
  return { departures: createLane(db), arrivals: createLane(db) }
}

type AnyPart = Part<unknown, unknown>
type Entry = { part: AnyPart; item: unknown }

function createLane(db: Handle): Lane {
  const write = createBatcher<Entry, unknown>(async (entries) => {
    const groups = Map.groupBy(entries, ({ part }) => part)
    const results = await commit(
      db,
      [...groups].map(([part, of]) => ({ part, items: of.map(({ item }) => item) })),
    )
    return ({ part, item }) => results.get(part)?.(item)
  })
  return <Item, Result>(part: Part<Item, Result>) =>
    (item: Item) =>
      write({ part: part as AnyPart, item }) as Promise<Result>
}

type Group = { part: AnyPart; items: readonly unknown[] }

async function commit(db: Handle, groups: readonly Group[]) {
  const all: Array<Ready<unknown, unknown>> = []
  const run = async (handle: Handle) => {
    for (const { part, items } of groups) all.push(await part.ready(handle, items))
    return runPieces(
      handle,
      all.flatMap(({ pieces }) => pieces),
    )
  }
  const needsTransaction = groups.some(({ part, items }) => part.needsTransaction?.(items))
  try {
    const answers = await (needsTransaction ? db.transaction().execute(run) : run(db))
    return new Map(
      groups.map(({ part }, index) => {
        const one = all[index]
        return [part, one?.kept(answers.splice(0, one.pieces.length))]
      }),
    )
  } catch (cause) {
    for (const one of all) one.lost?.()
    throw cause
  }
}
