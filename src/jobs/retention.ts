/**
 * The sweep that keeps data read from networks no longer than their rules allow.
 *
 * It goes by chunks, each of which is deleted and certified by one statement: stopped anywhere, the next sweep goes
 * on. Authored data has no clock and is never touched.
 */
import {
  clockOf,
  type DataRule,
  deadlineOf,
  type DeletionReason,
  rulesFor,
  type RuleBook,
} from '#domain/retention.ts'
import type { Handle } from '#storage/deliveries.ts'
import { type Item, kept } from '#storage/kept.ts'
import type { Provenance } from '#storage/provenance.ts'
import {
  deleteExpired,
  deleteOrdered,
  finishDeletion,
  openDeletions,
  reclock,
  type RuleOfClass,
  staleNetworks,
  staleRows,
} from '#storage/retention.ts'

type WrittenRule = DataRule & { rule: string; source: string }

/** A network, as far as retention needs it. */
export type KeptNetwork = {
  name: string
  book: RuleBook<WrittenRule>
  /** The class, and until when it may stay. */
  provenance: (item: Item, channelKind: string, readAt: Date) => Provenance
}

export type SweepOptions = {
  db: Handle
  networks: readonly KeptNetwork[]
  now: Date
  /** Rows of one statement. Default 500. */
  chunk?: number
  /** After so many statements the sweep ends and leaves the rest to the next. Default 400. */
  maxChunks?: number
  /** Called before each statement; what it throws stops the sweep. */
  onChunk?: () => void | Promise<void>
}

export type Swept = { deleted: number; finishedDeletions: number; isComplete: boolean }

const items = kept.map(({ item }) => item)

export async function sweepRetention(options: SweepOptions): Promise<Swept> {
  const run = begin(options)
  for (const item of items) await reclockAll(run, item)
  for (const item of items) await deleteAllExpired(run, item)
  for (const deletion of await openDeletions(options.db)) {
    const rules = rulesBy(options.networks, deletion.reason, options.now)
    for (const item of items)
      await run.each((limit) => deleteOrdered(options.db, item, deletion, rules, options.now, limit))
    if (run.isOpen() && (await finishDeletion(options.db, deletion, rules, options.now))) run.finished += 1
  }
  return { deleted: run.deleted, finishedDeletions: run.finished, isComplete: run.isOpen() }
}

type Run = ReturnType<typeof begin>

function begin({ chunk = 500, maxChunks = 400, onChunk, ...options }: SweepOptions) {
  let chunks = 0
  const isOpen = () => chunks < maxChunks
  const next = async () => {
    await onChunk?.()
    chunks += 1
  }
  const run = {
    ...options,
    chunk,
    deleted: 0,
    finished: 0,
    isOpen,
    next,
    /** Deletes chunk by chunk until one is not full. */
    each: async (deleteSome: (limit: number) => Promise<number>) => {
      for (let count = chunk; count === chunk && isOpen();) {
        await next()
        count = await deleteSome(chunk)
        run.deleted += count
      }
    },
  }
  return run
}

/** Rows that were read under other rules, or before there were any, get the clock of today's. */
async function reclockAll(run: Run, item: Item): Promise<void> {
  const books = run.networks.map(({ book: { network, version } }) => ({ network, version }))
  await run.next()
  const stale = await staleNetworks(run.db, item, books)
  for (const network of run.networks)
    if (stale.includes(network.book.network)) await reclockNetwork(run, network, item)
}

async function reclockNetwork(run: Run, { book, provenance }: KeptNetwork, item: Item): Promise<void> {
  for (let count = run.chunk; count === run.chunk && run.isOpen();) {
    await run.next()
    const stale = await staleRows(run.db, item, book.network, book.version, run.chunk)
    count = stale.length
    await reclock(
      run.db,
      item,
      stale.map(({ id, readAt, channelKind }) => ({ id, ...provenance(item, channelKind, readAt) })),
    )
  }
}

async function deleteAllExpired(run: Run, item: Item): Promise<void> {
  const rules = rulesBy(run.networks, 'clock', run.now)
  await run.each((limit) => deleteExpired(run.db, item, rules, run.now, limit))
}

/** For each class the rule that ends it for this reason; classes without one are left alone. */
export function rulesBy(networks: readonly KeptNetwork[], reason: DeletionReason, now: Date): RuleOfClass[] {
  return networks.flatMap(({ name, book: { network, rules } }) =>
    [...new Set(rules.map(({ dataClass }) => dataClass))].flatMap((dataClass) => {
      const rule = ruleBy(rules, dataClass, reason, now)
      if (rule === null) return []
      return [{ network, networkName: name, dataClass, rule: rule.rule, source: rule.source }]
    }),
  )
}

/** Who asks to be forgotten, or ends the agreement, is obeyed also where no rule of the network says so. */
function ruleBy(
  rules: readonly WrittenRule[],
  dataClass: string,
  reason: DeletionReason,
  now: Date,
): { rule: string; source: string } | null {
  if (reason === 'clock') return clockOf(rules, dataClass, now)?.rule ?? null
  const ruled = deadlineOf(rules, dataClass, reason, now)?.rule ?? null
  if (ruled || reason === 'removed' || reason === 'disconnected') return ruled
  return rulesFor(rules, dataClass)[0] ?? null
}
