/** What the database says about its own tables: the one place that reads the system catalogs. */
import { sql } from 'kysely'
import type { Handle } from './deliveries.ts'

export type Column = {
  name: string
  /** PostgreSQL's own name of the type, for example `bigint` or `text[]`. */
  type: string
  isNullable: boolean
  hasDefault: boolean
  isIdentity: boolean
  /** Computed by the database: never written. */
  isGenerated: boolean
}

export type ForeignKey = { columns: string[]; table: string; references: string[] }

export type Table = { name: string; columns: Column[]; primaryKey: string[]; foreignKeys: ForeignKey[] }

/** Kept by storage itself; neither typed nor backed up. */
const ownTables = ['litfass_migration', 'litfass_self_test']

/** The product's tables in `public`, each after the tables it refers to. */
export async function readTables(db: Handle): Promise<Table[]> {
  const { rows } = await sql<Table>`
    select c.relname as name,
      (select coalesce(json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, null),
          'isNullable', not a.attnotnull, 'hasDefault', a.atthasdef or a.attidentity <> '',
          'isIdentity', a.attidentity <> '', 'isGenerated', a.attgenerated <> '') order by a.attnum), '[]')
        from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as columns,
      (select coalesce(json_agg(a.attname order by k.position), '[]')
        from pg_constraint p, unnest(p.conkey) with ordinality as k (number, position), pg_attribute a
        where p.conrelid = c.oid and p.contype = 'p' and a.attrelid = c.oid and a.attnum = k.number) as "primaryKey",
      (select coalesce(json_agg(json_build_object('table', f.confrelid::regclass::name,
          'columns', (select json_agg(a.attname order by k.position) from unnest(f.conkey) with ordinality as k (number, position)
            join pg_attribute a on a.attrelid = f.conrelid and a.attnum = k.number),
          'references', (select json_agg(a.attname order by k.position) from unnest(f.confkey) with ordinality as k (number, position)
            join pg_attribute a on a.attrelid = f.confrelid and a.attnum = k.number)) order by f.conname), '[]')
        from pg_constraint f where f.conrelid = c.oid and f.contype = 'f' and f.confrelid <> c.oid) as "foreignKeys"
    from pg_class c
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
      and c.relname <> all (${ownTables}::text[])
    order by c.relname`.execute(db)
  return parentsFirst(rows)
}

export type AppliedMigration = { name: string; sha256: string }

export async function readAppliedMigrations(db: Handle): Promise<AppliedMigration[]> {
  const { rows } =
    await sql<AppliedMigration>`select name, sha256 from litfass_migration order by name`.execute(db)
  return rows
}

function parentsFirst(tables: readonly Table[]): Table[] {
  const left = new Map(tables.map((table) => [table.name, table]))
  const ordered: Table[] = []
  while (left.size > 0) {
    const free = [...left.values()].filter((table) => table.foreignKeys.every((key) => !left.has(key.table)))
    if (free.length === 0)
      throw new Error(`tables refer to each other in a circle: ${[...left.keys()].join(', ')}`)
    for (const table of free) left.delete(table.name)
    ordered.push(...free)
  }
  return ordered
}
