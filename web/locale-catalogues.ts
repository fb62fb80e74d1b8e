/**
 * A virtual module per language: the catalogues of all areas, merged and compiled, so that one request brings them
 * and the browser needs no parser of messages. Areas that few people open have a module of their own.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { compileMessageOrThrow } from '@lingui/message-utils/compileMessage'
import type { Plugin } from 'vite'

const folder = fileURLToPath(new URL('src/locales/', import.meta.url))
const id = /^\0?virtual:locale-(en|de)(-later)?$/

/** Areas whose texts come with `withLaterTexts` of `i18n.tsx`: those that pages of the settings alone speak of. */
const laterAreas = new Set(['ai', 'data', 'ledger', 'prices', 'what-if'])

export function localeCatalogues(): Plugin {
  return {
    name: 'litfass-locale-catalogues',
    resolveId: (source) => (id.test(source) ? `\0${source}` : null),
    load(loaded) {
      const [, language, later] = (loaded.startsWith('\0') && id.exec(loaded)) || []
      if (language === undefined) return null
      const files = filesOf(language, later !== undefined)
      for (const file of files) this.addWatchFile(folder + file)
      // A JSON string parses faster than an object literal of this size.
      return `export const messages = JSON.parse(${JSON.stringify(JSON.stringify(compiled(files)))})`
    },
  }
}

function filesOf(language: string, isLater: boolean): string[] {
  const end = `.${language}.json`
  return readdirSync(folder)
    .filter((file) => file.endsWith(end) && laterAreas.has(file.slice(0, -end.length)) === isLater)
    .sort()
}

function compiled(files: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(merged(files)).map(([id, message]) => [id, compileMessageOrThrow(message)]),
  )
}

function merged(files: readonly string[]): Record<string, string> {
  return Object.assign(
    {},
    ...files.map((file) => JSON.parse(readFileSync(folder + file, 'utf8')) as unknown),
  ) as Record<string, string>
}
