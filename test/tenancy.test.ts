/**
 * Every statement of a use case that touches a workspace's rows names the workspace. `test/api/isolation.test.ts`
 * asks the running product; this reads the SQL, so that a statement nobody calls yet is held to it too.
 */
import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))

/** What may do without, by file and a piece of the statement, and why. */
const exceptions: ReadonlyArray<{ file: string; piece: string; why: string }> = [
  {
    file: 'src/app/accounts.ts',
    piece: 'delete from auth_user',
    why: 'a person is forgotten only where no workspace has them',
  },
  {
    file: 'src/app/operator.ts',
    piece: "role = 'owner' limit 1",
    why: 'whether anybody owns the installation',
  },
  {
    file: 'src/app/network-callbacks.ts',
    piece: 'where code =',
    why: 'a stranger comes with the code alone, and is told dates',
  },
  { file: 'src/app/invitations.ts', piece: 'token_hash', why: 'a stranger comes with the token alone' },
  { file: 'src/app/invitations.ts', piece: 'set accepted_at', why: 'the row was just locked by its token' },
  {
    file: 'src/http/work-figures.ts',
    piece: 'group by',
    why: 'the operator is given sums over the installation',
  },
  {
    file: 'src/http/work-figures.ts',
    piece: 'count(*)::int as count from poll',
    why: 'the operator is given sums over the installation',
  },
  {
    file: 'src/app/deliveries.ts',
    piece: 'sql.join(conditions',
    why: 'the first condition is the workspace',
  },
  {
    file: 'src/app/list-posts.ts',
    piece: 'sql.join(conditions',
    why: 'the first condition is the workspace',
  },
  { file: 'src/app/deliveries.ts', piece: 'where ${row}', why: '`row` is workspace and id' },
  { file: 'src/http/media-files.ts', piece: 'mime_type', why: 'the signature of the address covers the id' },
]

/** Tables with a `workspace_id`, read from the migrations. */
function tenantTables(): string[] {
  const text = globSync('src/storage/migrations/*.sql', { cwd: root })
    .sort()
    .map((file) => readFileSync(`${root}/${file}`, 'utf8'))
    .join('\n')
  return [...text.matchAll(/create table (\w+) \(([\s\S]*?)\n\);/g)].flatMap(([, name, columns]) =>
    name !== undefined && columns?.includes('workspace_id') ? [name] : [],
  )
}

/** Texts of `sql` templates, each with those that stand inside of it. */
function statementsIn(source: string): string[] {
  const found: string[] = []
  for (const start of source.matchAll(/\bsql(?:<[^`]*?>)?`/g)) {
    let depth = 0
    let at = start.index + start[0].length
    for (; at < source.length; at += 1) {
      if (source.startsWith('${', at)) depth += 1
      else if (source[at] === '}' && depth > 0) depth -= 1
      else if (source[at] === '`' && depth === 0) break
    }
    found.push(source.slice(start.index + start[0].length, at))
  }
  return found
}

const files = globSync(['src/app/**/*.ts', 'src/http/**/*.ts'], { cwd: root }).filter(
  (file) => !file.endsWith('.test.ts'),
)
const touches = new RegExp(`\\b(?:from|join|update|into|using)\\s+(?:${tenantTables().join('|')})\\b`)
const statements = files.flatMap((file) =>
  statementsIn(readFileSync(`${root}/${file}`, 'utf8'))
    .filter((text) => touches.test(text))
    .map((text) => ({ file, text })),
)

describe('a statement about rows of a workspace', () => {
  it('names the workspace, or stands here with its reason', () => {
    expect(statements.length).toBeGreaterThan(60)
    const unscoped = statements.filter(
      ({ file, text }) =>
        !/workspace_?id/i.test(text) &&
        !exceptions.some((known) => known.file === file && text.includes(known.piece)),
    )
    expect(unscoped.map(({ file, text }) => `${file}: ${text}`)).toEqual([])
  })

  it('is excused only while it is there', () => {
    const stale = exceptions.filter(
      ({ file, piece }) => !statements.some((one) => one.file === file && one.text.includes(piece)),
    )
    expect(stale).toEqual([])
  })
})
