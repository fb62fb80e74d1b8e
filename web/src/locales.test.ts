/** The catalogues, against each other, the code that uses them, and the errors they translate. */
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { compileMessageOrThrow } from '@lingui/message-utils/compileMessage'
import { describe, expect, it } from 'vitest'
import { errorCodes } from '#domain/errors.ts'

const folder = fileURLToPath(new URL('.', import.meta.url))
const read = (path: string) => readFileSync(folder + path, 'utf8')
const catalogue = (file: string) => JSON.parse(read(`locales/${file}`)) as Record<string, string>

const files = readdirSync(`${folder}locales`)
const areas = files
  .filter((file) => file.endsWith('.en.json'))
  .map((file) => file.slice(0, -'.en.json'.length))
const english = Object.assign({}, ...areas.map((area) => catalogue(`${area}.en.json`))) as Record<
  string,
  string
>
const german = Object.assign({}, ...areas.map((area) => catalogue(`${area}.de.json`))) as Record<
  string,
  string
>
const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((file) => /\.tsx?$/.test(file) && !/\.test\.tsx?$/.test(file))
  .map((file) => ({ file, text: read(file) }))

/** Ids the code names in full, and beginnings of ids that end in a value. */
function used(): { ids: string[]; beginnings: string[] } {
  const ids: string[] = []
  const beginnings: string[] = []
  for (const { text } of sources) {
    // `t('a.b')`, `<T id="a.b">`, and ids that are kept in tables or chosen by a condition.
    for (const [, , id] of text.matchAll(/(['"])([a-z]\w*(?:\.[\w-]+)+)\1/g)) if (id && isId(id)) ids.push(id)
    for (const [, beginning] of text.matchAll(/`([a-z]\w*\.(?:[\w-]+\.)*[\w-]*)\$\{/g))
      if (beginning && isId(beginning)) beginnings.push(beginning)
  }
  return { ids, beginnings }
}

const beginningsOfIds = new Set([...areas, ...Object.keys(german).map((id) => id.split('.')[0] ?? '')])

/** Other strings with dots in them are file names and the like. */
function isId(text: string): boolean {
  return beginningsOfIds.has(text.split('.')[0] ?? '') && !/\.(ts|tsx|json|css|svg)$/.test(text)
}

/** Names of the values a message takes, wherever in it. */
function values(message: string): string {
  const names = new Set<string>()
  const walk = (tokens: unknown): void => {
    if (!Array.isArray(tokens)) return
    for (const token of tokens) {
      if (!Array.isArray(token)) continue
      const [name, , choices] = token as [string, string?, object?]
      if (name !== '#') names.add(name)
      if (choices) for (const choice of Object.values(choices)) walk(choice)
    }
  }
  walk(compileMessageOrThrow(message))
  return [...names].toSorted().join()
}

describe('the texts', () => {
  it('have the same ids in both languages, save errors, whose English is the server’s', () => {
    const wanted = (ids: string[]) => ids.filter((id) => !id.startsWith('problems.')).toSorted()
    expect(wanted(Object.keys(german))).toEqual(wanted(Object.keys(english)))
    expect(Object.keys(german)).toEqual(expect.arrayContaining(Object.keys(english)))
  })

  it('take the same values in both languages', () => {
    const differing = Object.keys(english).filter(
      (id) => values(english[id] ?? '') !== values(german[id] ?? ''),
    )
    expect(differing).toEqual([])
  })

  it('can be compiled', () => {
    for (const message of [...Object.values(english), ...Object.values(german)])
      compileMessageOrThrow(message)
  })

  it('stand in one catalogue each', () => {
    const all = areas.flatMap((area) => Object.keys(catalogue(`${area}.de.json`)))
    expect(all.filter((id, at) => all.indexOf(id) !== at)).toEqual([])
  })

  it('exist for every id in the code', () => {
    const { ids, beginnings } = used()
    expect(ids.filter((id) => !(id in german))).toEqual([])
    expect(beginnings.filter((start) => !Object.keys(german).some((id) => id.startsWith(start)))).toEqual([])
  })

  it('are all used', () => {
    const { ids, beginnings } = used()
    const all = new Set(ids)
    const idle = Object.keys(english).filter(
      (id) => !all.has(id) && !beginnings.some((start) => id.startsWith(start)),
    )
    expect(idle).toEqual([])
  })

  it('say every error a person can meet in German', () => {
    const codes = Object.entries(errorCodes).flatMap(([code, status]) => (status < 500 ? [code] : []))
    const missing = codes.flatMap((code) =>
      [`problems.${code}.title`, `problems.${code}.remedy`].filter((id) => !(id in german)),
    )
    expect(missing).toEqual([])
  })
})
