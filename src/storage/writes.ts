/**
 * Whether a piece of work may have left something in the database, however it ended.
 *
 * It is noticed at the driver: a commit that was sent, or a statement outside of a transaction that is no read.
 * What the database itself refused was not done; what it never answered may have been.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import { type CompiledQuery, type DatabaseConnection, type Driver, PostgresDialect } from 'kysely'
import pg from 'pg'

export type Writes = { mayBeDone: boolean }

const watched = new AsyncLocalStorage<Writes>()

/** Runs `work`; `writes` says at any time what it may have done so far. */
export function watchWrites<Result>(writes: Writes, work: () => Promise<Result>): Promise<Result> {
  return watched.run(writes, work)
}

async function noticing<Result>(work: () => Promise<Result>): Promise<Result> {
  const writes = watched.getStore()
  if (writes === undefined) return work()
  try {
    const result = await work()
    writes.mayBeDone = true
    return result
  } catch (cause) {
    if (!isRefusal(cause)) writes.mayBeDone = true
    throw cause
  }
}

/** A commit of a transaction that had failed is answered with a rollback; Kysely throws that as an error of its own. */
function isRefusal(cause: unknown): boolean {
  return (
    cause instanceof pg.DatabaseError || (cause instanceof Error && cause.name === 'AbortedTransactionError')
  )
}

/** PostgreSQL, with commits and lone writes noticed. */
export class NoticingDialect extends PostgresDialect {
  override createDriver(): Driver {
    return noticingDriver(super.createDriver())
  }
}

function noticingDriver(driver: Driver): Driver {
  const inTransaction = new WeakSet<DatabaseConnection>()
  const known = new WeakSet<DatabaseConnection>()
  const watchStatements = (connection: DatabaseConnection) => {
    if (known.has(connection)) return
    known.add(connection)
    const execute = connection.executeQuery.bind(connection)
    connection.executeQuery = <Row>(query: CompiledQuery) =>
      inTransaction.has(connection) || isRead(query)
        ? execute<Row>(query)
        : noticing(() => execute<Row>(query))
  }
  const { acquireConnection, beginTransaction, commitTransaction, rollbackTransaction } = driver
  return Object.assign(driver, {
    async acquireConnection(...options) {
      const connection = await acquireConnection.apply(driver, options)
      watchStatements(connection)
      return connection
    },
    async beginTransaction(connection, settings) {
      await beginTransaction.call(driver, connection, settings)
      inTransaction.add(connection)
    },
    async commitTransaction(connection) {
      await noticing(() => commitTransaction.call(driver, connection))
      inTransaction.delete(connection)
    },
    async rollbackTransaction(connection) {
      inTransaction.delete(connection)
      await rollbackTransaction.call(driver, connection)
    },
  } satisfies Partial<Driver>)
}

/** Reads, and what begins and ends transactions, which is noticed where it is asked for. */
function isRead({ sql }: CompiledQuery): boolean {
  return /^\s*(?:select|begin|start|commit|rollback)\b/i.test(sql)
}
