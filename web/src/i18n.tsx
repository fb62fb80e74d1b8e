/**
 * Texts in the language of the person.
 *
 * Catalogues are ICU messages in `locales/<area>.<language>.json`, one pair of files per area; an id starts with its
 * area. The build compiles them. Changing the language renders the whole app anew (see `main.tsx`), so `t` can be a plain function.
 */
import { setupI18n } from '@lingui/core'
import { Fragment, type ReactNode } from 'react'
import { remember, remembered } from './remember.ts'

export type Language = 'en' | 'de'
export const languages: ReadonlyArray<{ id: Language; name: string }> = [
  { id: 'en', name: 'English' },
  { id: 'de', name: 'Deutsch' },
]

export type Params = Record<string, string | number | Date>

const i18n = setupI18n()
const listeners = new Set<() => void>()

/** The text with this id. A missing one shows its id, and fails the test of the catalogues. */
export function t(id: string, params?: Params): string {
  return i18n._(id, params)
}

/** Whether there is such a text, for ids that come from the server. */
export function hasText(id: string): boolean {
  return id in i18n.messages
}

export type Tags = Record<string, (children: ReactNode) => ReactNode>

/** A text with elements in it: `See <link>the guide</link>.` with `tags={{ link: (text) => <Link …>{text}</Link> }}`. */
export function T({ id, params, tags = {} }: { id: string; params?: Params; tags?: Tags }): ReactNode {
  const parts = t(id, params).split(/<(\w+)>(.*?)<\/\1>/gs)
  const nodes: ReactNode[] = []
  for (let at = 0; at < parts.length; at += 3) {
    nodes.push(<Fragment key={at}>{parts[at]}</Fragment>)
    const name = parts[at + 1]
    if (name !== undefined)
      nodes.push(<Fragment key={at + 1}>{tags[name]?.(parts[at + 2]) ?? parts[at + 2]}</Fragment>)
  }
  return nodes
}

export function language(): Language {
  return i18n.locale === 'de' ? 'de' : 'en'
}

/** The language chosen here before, else the browser's. */
export function preferredLanguage(): Language {
  const chosen = remembered('language') ?? navigator.languages.find((tag) => /^(en|de)\b/.test(tag)) ?? 'en'
  return chosen.startsWith('de') ? 'de' : 'en'
}

let hasLater = false

function laterOf(of: Language) {
  return of === 'de' ? import('virtual:locale-de-later') : import('virtual:locale-en-later')
}

/** What is loaded with the texts of areas that few people open; for lazy pages and parts of them. */
export async function withLaterTexts<Module>(loading: Promise<Module>): Promise<Module> {
  const [module] = await Promise.all([loading, laterTexts()])
  return module
}

async function laterTexts(): Promise<void> {
  if (hasLater) return
  const now = language()
  const { messages } = await laterOf(now)
  // Whoever changes the language meanwhile gets them with it, or asks again.
  if (now !== language()) return laterTexts()
  i18n.load(now, messages)
  hasLater = true
}

/** Loads a language's texts and shows them everywhere. */
export async function speak(next: Language): Promise<void> {
  if (i18n.locale === next) return
  const [{ messages }, later] = await Promise.all([
    next === 'de' ? import('virtual:locale-de') : import('virtual:locale-en'),
    hasLater ? laterOf(next) : null,
  ])
  i18n.loadAndActivate({ locale: next, messages: { ...messages, ...later?.messages } })
  document.documentElement.lang = next
  remember('language', next)
  for (const listener of listeners) listener()
}

export function onLanguageChange(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}
