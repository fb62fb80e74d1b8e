/**
 * A virtual module per language: the catalogues of all areas, merged and compiled, so that one request brings them
 * and the browser needs no parser of messages.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { compileMessageOrThrow } from '@lingui/message-utils/compileMessage'
import type { Plugin } from 'vite'

const folder = fileURLToPath(new URL('src/locales/', import.meta.url))
const id = /^\0?virtual:locale-(en|de)$/

export function localeCatalogues(): Plugin {
  return {
    name: 'litfass-locale-catalogues',
    resolveId: (source) => (id.test(source) ? `\0${source}` : null),
    load(loaded) {
      const language = loaded.startsWith('\0') ? id.exec(loaded)?.[1] : undefined
      if (language === undefined) return null
      for (const file of filesOf(language)) this.addWatchFile(folder + file)
      // A JSON string parses faster than an object literal of this size.
      return `export const messages = JSON.parse(${JSON.stringify(JSON.stringify(compiled(language)))})`
    },
  }
}

function filesOf(language: string): string[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith(`.${language}.json`))
    .sort()
}

function compiled(language: string): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(merged(language)).map(([id, message]) => [id, compileMessageOrThrow(message)]),
  )
}

function merged(language: string): Record<string, string> {
  return Object.assign(
    {},
    ...filesOf(language).map((file) => JSON.parse(readFileSync(folder + file, 'utf8')) as unknown),
  ) as Record<string, string>
}
