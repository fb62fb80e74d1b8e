/**
 * Statements made of pieces, so that one commit keeps what several parts of the engine write.
 *
 * A commit costs the database as much as twenty rows do, so under load this decides how many deliveries it takes.
 * Every piece sees the database as it was before the statement, and no two may change the same row.
 */
import { type RawBuilder, sql } from 'kysely'
import type { Handle } from './deliveries.ts'
import { preparedMark } from './prepared.ts'

export type Piece = {
  /** Common table expressions after each other, with names that no other piece has. */
  ctes: RawBuilder<unknown>
  /** One value, which may read them. */
  answer?: RawBuilder<unknown>
}

/** At the end of a statement that is planned once for each connection, not each time. */
export const prepared = sql.raw(preparedMark)

/** The answer of a piece that is the ids of one of its expressions. */
export function idsOf(name: string): RawBuilder<unknown> {
  return sql`(select coalesce(json_agg(id), '[]') from ${sql.raw(name)})`
}

/** Runs them as one statement and gives their answers, null for a piece without one. */
export async function runPieces(handle: Handle, pieces: readonly Piece[]): Promise<unknown[]> {
  if (pieces.length === 0) return []
  const answers = pieces.map(
    ({ answer }, index) => sql`${answer ?? sql`null`} as ${sql.ref(`answer_${index}`)}`,
  )
  const { rows } = await sql<Record<string, unknown>>`
    with ${sql.join(pieces.map(({ ctes }) => ctes))} select ${sql.join(answers)} ${prepared}`.execute(handle)
  return pieces.map((_, index) => rows[0]?.[`answer_${index}`] ?? null)
}
