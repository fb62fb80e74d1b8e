/**
 * How long an answer of a database server is waited for.
 *
 * A connection may stay open and never answer: a machine between that forgot it, a server that stands still. Whoever
 * waits would wait for ever. After the patience is over the connection is closed as if it had been cut, and what is
 * done about a cut connection is done: nobody knows whether the statement was done, and the next one gets another
 * connection.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import type { Socket } from 'node:net'
import type pg from 'pg'
import { PreparingClient } from './prepared.ts'

/** A new connection has to stand, or a place in the pool be free, within this. */
export const connectWithinMs = 10_000
/** An upgrade of much data or a backup may take as long for one statement. */
const longMs = 3_600_000
/**
 * A server whose client went silent within a transaction ends that transaction, so that its locks do not outlive it.
 * Nothing here waits for anything but the database while a transaction is open.
 */
const idleInTransactionMs = 15_000

const isLong = new AsyncLocalStorage<true>()

/** Runs work whose statements may take long: an upgrade, a backup, a report on years. */
export function patiently<Result>(work: () => Promise<Result>): Promise<Result> {
  return isLong.run(true, work)
}

/** A client that waits `patienceMs` for each answer, and an hour for those of long work. */
export function impatientClient(patienceMs: number): new (config?: string | pg.ClientConfig) => pg.Client {
  return class ImpatientClient extends PreparingClient {
    override query(...all: [unknown, ...unknown[]]): never {
      const patience = isLong.getStore() ? Math.max(longMs, patienceMs) : patienceMs
      const timer = setTimeout(() => this.#giveUp(patience), patience).unref()
      const answered = () => clearTimeout(timer)
      const callback = all.at(-1)
      if (typeof callback === 'function') {
        all[all.length - 1] = (...answer: unknown[]) => {
          answered()
          callback(...answer)
        }
      }
      const result: unknown = super.query(...all)
      if (result instanceof Promise) result.then(answered, answered)
      return result as never
    }

    #giveUp(patience: number): void {
      const lost = new Error(`The database did not answer within ${patience / 1_000} seconds`)
      ;(this.connection.stream as Socket).destroy(lost)
    }
  }
}

/** Sent once on each new connection, not at its start, where a pooler between would refuse it. */
export async function limitIdleTransactions(client: pg.ClientBase): Promise<void> {
  await client.query(`set idle_in_transaction_session_timeout = ${idleInTransactionMs}`)
}
