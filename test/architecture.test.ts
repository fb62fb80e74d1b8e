/** The arrows of ARCHITECTURE.md, checked on every import of the sources. */
import { readdirSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Files directly in `networks/` are shared; its folders are one network each. */
const shared = /^networks\/[^/]+$/
const networkFace = /^networks\/(contract|metered-fetch)\.ts$/
const belowApp = [/^(domain|contract|storage|engine|jobs)\//, shared, /^config\.ts$/]

/** What each layer may import besides itself. */
const arrows: Record<string, RegExp[]> = {
  domain: [],
  contract: [/^domain\//],
  networks: [/^domain\//],
  storage: [/^domain\//],
  engine: [/^(domain|storage)\//, networkFace],
  jobs: [/^(domain|storage|engine)\//],
  app: belowApp,
  http: [/^app\//, ...belowApp],
  mcp: [/^app\//, ...belowApp],
  cli: [/^app\//, ...belowApp, /^main\.ts$/, /^sandbox\/serve\.ts$/],
  sandbox: [/^domain\//, /^networks\/[^/]+\/sandbox\.ts$/, /^networks\/sandbox-[a-z]+\.ts$/],
  'config.ts': [/^domain\//],
  'main.ts': [/./],
  'worker.ts': [/^(app|domain|engine|jobs|storage)\//],
  web: [/^contract\//],
}
/** The engine may know the registry's types, never the list itself. */
const typeArrows: Record<string, RegExp[]> = { engine: [/^networks\/registry\.ts$/] }

const networkNames = ['bluesky', 'facebook', 'instagram', 'linkedin', 'mastodon', 'threads', 'x']

describe('the architecture', () => {
  it('has only the arrows of the table, and names a network only in its folder and the registry', () => {
    const found = sources().flatMap((path) => breaches(path, readFileSync(root + path, 'utf8')))
    expect(found).toEqual([])
  })

  it('has one way to a model: through the gate', () => {
    const found = sources().flatMap((path) => modelBreaches(path, readFileSync(root + path, 'utf8')))
    expect(found).toEqual([])
  })

  it.each([
    ['src/http/a.ts', `import { sendToModel } from '#app/model-door.ts'`],
    ['src/app/a.ts', `import { sendToModel } from './model-door.ts'`],
    ['src/app/a.ts', `const { sendToModel } = await import('./model-door.ts')`],
    ['src/app/a.ts', `import { OpenAI } from 'openai'`],
    ['src/app/a.ts', `import { generateText } from 'ai'`],
    ['src/cli/a.ts', `import { createOpenAI } from '@ai-sdk/openai'`],
    ['src/app/a.ts', 'await request(`${url}/chat/completions`)'],
    ['web/src/a.ts', `fetch('https://api.example.com/v1/chat/completions')`],
  ])('would see another way to a model in %s: %s', (path, text) => {
    expect(modelBreaches(path, text)).not.toEqual([])
  })

  it('is checked on every network there is', () => {
    const folders = readdirSync(`${root}src/networks`, { withFileTypes: true }).filter((entry) =>
      entry.isDirectory(),
    )
    expect(networkNames).toEqual(expect.arrayContaining(folders.map((entry) => entry.name)))
  })

  it.each([
    ['src/domain/post.ts', `import { a } from '#storage/a.ts'`],
    ['src/domain/post.ts', `export * from '../config.ts'`],
    ['src/contract/a.ts', `import type { A } from '#app/a.ts'`],
    ['src/engine/a.ts', `import { networks } from '#networks/registry.ts'`],
    ['src/engine/a.ts', `const a = await import('#networks/x/publish.ts')`],
    ['src/engine/a.ts', 'await import(`#networks/${id}/publish.ts`)'],
    ['src/app/a.ts', `import { a } from '../http/a.ts'`],
    ['src/app/a.ts', `if (network === 'linkedin') return`],
    ['src/networks/x/a.ts', `import { a } from '../linkedin/api.ts'`],
    ['src/networks/x/a.ts', `import { networks } from '../registry.ts'`],
    ['src/networks/text.ts', `import { a } from './x/api.ts'`],
    ['src/sandbox/a.ts', 'await import(`#networks/${id}/publish.ts`)'],
    ['src/http/a.ts', `import { test } from '#test/kit.ts'`],
    ['web/src/a.ts', `import { a } from '#domain/post.ts'`],
    ['web/src/a.ts', `import { a } from '../../src/app/a.ts'`],
    ['src/unheard-of/a.ts', `import { a } from '#domain/a.ts'`],
  ])('would see a breach in %s: %s', (path, text) => {
    expect(breaches(path, text)).not.toEqual([])
  })

  it.each([
    ['src/engine/a.ts', `import type { Registry } from '#networks/registry.ts'`],
    ['src/engine/a.ts', `// like 'facebook', see import('#app/a.ts')\nimport { a } from './b.ts'`],
    ['src/sandbox/a.ts', 'await import(`#networks/${id}/sandbox.ts`)'],
    ['src/networks/x/a.ts', `import { a } from '../text.ts'; const id = 'x'`],
    ['web/src/a.ts', `import { a } from '#contract/api.ts'; import { b } from './b.ts'`],
  ])('lets pass in %s: %s', (path, text) => {
    expect(breaches(path, text)).toEqual([])
  })
})

function sources(): string[] {
  return ['src', 'web/src'].flatMap((folder) => {
    const entries = safeList(root + folder)
    return entries
      .map((entry) => `${folder}/${entry.replaceAll('\\', '/')}`)
      .filter(
        (path) =>
          /\.[jt]sx?$/.test(path) &&
          !/\.test\.tsx?$|\.d\.ts$|node_modules|networks\/conformance\.ts$/.test(path),
      )
  })
}

/** `web/src` may not exist yet. */
function safeList(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' })
  } catch {
    return []
  }
}

function breaches(path: string, text: string): string[] {
  const code = withoutComments(text)
  const arrowBreaches = imports(path, code)
    .filter(({ target, typeOnly }) => !isAllowed(path, target, typeOnly))
    .map(({ target }) => `${path} imports ${target}`)
  return [...arrowBreaches, ...namings(path, code)]
}

function isAllowed(path: string, target: string, typeOnly: boolean): boolean {
  const from = place(path)
  const layer = layerOf(from)
  const allowed = arrows[layer]
  if (allowed === undefined) return false
  if (layer === 'networks' && target.startsWith('networks/')) return isAllowedAmongNetworks(from, target)
  if (layerOf(target) === layer) return true
  return [...allowed, ...(typeOnly ? (typeArrows[layer] ?? []) : [])].some((arrow) => arrow.test(target))
}

function isAllowedAmongNetworks(from: string, target: string): boolean {
  if (from === 'networks/registry.ts') return true
  if (shared.test(target)) return shared.test(from) || target !== 'networks/registry.ts'
  return posix.dirname(`${from}/`).split('/')[1] === target.split('/')[1]
}

/** The path below `src/`; what is in `web/` keeps its folder. */
function place(path: string): string {
  return path.startsWith('src/') ? path.slice('src/'.length) : path
}

function layerOf(target: string): string {
  return target.split('/')[0] ?? ''
}

/** Every import of our own files, static or dynamic, as a place; `${…}` in a dynamic one becomes `*`. */
function imports(path: string, code: string): { target: string; typeOnly: boolean }[] {
  const pattern =
    /(?:\b(?<clause>(?:import|export)\s[^'"`;]*?\bfrom|import)\s*|\bimport(?:\.meta\.resolve)?\s*\(\s*)(?<quote>['"`])(?<specifier>[^'"`\n]+)\k<quote>/g
  return [...code.matchAll(pattern)].flatMap(({ groups }) => {
    const target = resolve(path, (groups?.['specifier'] ?? '').replaceAll(/\$\{[^}]*\}/g, '*'))
    const typeOnly = /^(import|export)\s+type\b/.test(groups?.['clause'] ?? '')
    return target === undefined ? [] : [{ target, typeOnly }]
  })
}

function resolve(path: string, specifier: string): string | undefined {
  if (specifier.startsWith('#main/')) return specifier.slice('#main/'.length)
  if (specifier.startsWith('#')) return specifier.slice(1)
  if (specifier.startsWith('.')) return place(posix.join(posix.dirname(path), specifier))
  return undefined
}

/** Only the gate opens the door to models, only the domain knows its path, and no package brings another. */
function modelBreaches(path: string, text: string): string[] {
  const code = withoutComments(text)
  const opens = imports(path, code).some(
    ({ target, typeOnly }) => target === 'app/model-door.ts' && !typeOnly && path !== 'src/app/model-gate.ts',
  )
  const brings =
    /(?:\bfrom|\bimport\s*\(?)\s*['"](?:ai|openai|ollama|langchain|@(?:ai-sdk|anthropic-ai|google\/genai|langchain|mistralai)(?:\/[^'"]*)?)['"]/.test(
      code,
    )
  const names =
    /chat\/completions|['"`]\/v1\/(?:responses|messages|embeddings)/.test(code) && path !== 'src/domain/ai.ts'
  return opens || brings || names ? [`${path} goes to a model past the gate`] : []
}

/** In `web/`, 'x' is also an axis. */
function namings(path: string, code: string): string[] {
  const names = networkNames.filter((name) => !(name === 'x' && path.startsWith('web/')))
  return names
    .filter((name) => path !== 'src/networks/registry.ts' && !path.startsWith(`src/networks/${name}/`))
    .filter((name) =>
      new RegExp(`(['"\`])${name}\\1|(['"\`])[#./][^'"\`\\n]*/${name}(/[^'"\`\\n]*)?\\2`).test(code),
    )
    .map((name) => `${path} names ${name}`)
}

/** Strings are matched first, so that `//` in a URL stays. */
function withoutComments(text: string): string {
  const pattern = /('(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`)|\/\/[^\n]*|\/\*[\s\S]*?\*\//g
  return text.replaceAll(pattern, (_whole, literal: string | undefined) => literal ?? '')
}
