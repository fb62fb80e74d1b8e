/** Writes `schema.gen.ts`, the types of the migrated database, so that code and migrations cannot drift apart. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Column, readTables, type Table } from './catalog.ts'
import { openDatabase } from './database.ts'
import type { Handle } from './deliveries.ts'
import { migrate } from './migrate.ts'

export const schemaFile = fileURLToPath(new URL('./schema.gen.ts', import.meta.url))

/** The text of `schema.gen.ts` for a migrated database. */
export async function generateSchema(db: Handle): Promise<string> {
  const tables = (await readTables(db)).sort((a, b) => (a.name < b.name ? -1 : 1))
  const entries = tables.map((table) => `  ${table.name}: ${typeName(table.name)}`)
  return [
    '/** Generated from the migrations by `npm run gen`. Do not edit. */',
    "import type { ColumnType, Generated, GeneratedAlways } from 'kysely'",
    '',
    '/** An int8 is read as a number; it may be written as a bigint or a string too. */',
    'export type Int8 = ColumnType<number, number | bigint | string, number | bigint | string>',
    '',
    '/** A numeric is read as text, because a double would round it. */',
    'export type Numeric = ColumnType<string, string | number, string | number>',
    '',
    '/** Read as a value, written as JSON text: the driver would write an array as a PostgreSQL array. */',
    'export type Json = ColumnType<unknown, string, string>',
    '',
    ...tables.flatMap((table) => [...typeOf(table), '']),
    `export interface DB {\n${entries.join('\n')}\n}`,
    '',
  ].join('\n')
}

function typeOf(table: Table): string[] {
  const lines = table.columns.map((column) => `  ${column.name}: ${columnType(column)}`)
  return [`export interface ${typeName(table.name)} {`, ...lines, '}']
}

function columnType(column: Column): string {
  const type = `${valueType(column.type)}${column.isNullable ? ' | null' : ''}`
  if (column.isGenerated || column.isIdentity) return `GeneratedAlways<${type}>`
  return column.hasDefault ? `Generated<${type}>` : type
}

const valueTypes: Record<string, string> = {
  text: 'string',
  boolean: 'boolean',
  integer: 'number',
  smallint: 'number',
  'double precision': 'number',
  bigint: 'Int8',
  numeric: 'Numeric',
  'timestamp with time zone': 'Date',
  jsonb: 'Json',
  bytea: 'Buffer',
}

function valueType(type: string): string {
  if (type.endsWith('[]')) return `${valueType(type.slice(0, -2))}[]`
  const known = valueTypes[type]
  if (known === undefined) throw new Error(`no TypeScript type is known for the column type ${type}`)
  return known
}

function typeName(table: string): string {
  return table.replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase())
}

if (import.meta.main) {
  const dataDir = mkdtempSync(join(tmpdir(), 'litfass-gen-'))
  const database = await openDatabase({ dataDir })
  await migrate(database, { now: new Date() })
  writeFileSync(schemaFile, await generateSchema(database.db))
  await database.close()
  rmSync(dataDir, { recursive: true, force: true })
}
