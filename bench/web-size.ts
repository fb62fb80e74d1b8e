/** What a browser loads before the first page shows, gzipped. */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { buildScript, distFolder, root, sourcesHash } from '#http/web-sources.ts'
import type { Part } from './figures.ts'

/** Builds the web app where that was not done, so that no start measured later does it. */
export function buildWeb(): string | null {
  if (existsSync(join(distFolder, sourcesHash()))) return null
  const { status, stderr } = spawnSync(process.execPath, [buildScript], { cwd: root, encoding: 'utf8' })
  return status === 0 ? null : `the web app does not build: ${stderr.trim().split('\n').at(-1)}`
}

export function measureWeb(failure: string | null): Part {
  const title = 'Web app'
  const folder = join(distFolder, sourcesHash())
  if (failure !== null || !existsSync(folder))
    return { title, figures: [], skipped: failure ?? 'it is not built' }
  const html = readFileSync(join(folder, 'index.html'), 'utf8')
  const scripts = filesOf(
    folder,
    [...html.matchAll(/(?:src|href)="\/?([^"]+\.js)"/g)].map(([, file]) => file),
  )
  const firstPage = filesOf(folder, [...scripts, ...namedFiles(folder, overview)])
  const styles = [...html.matchAll(/href="\/?([^"]+\.css)"/g)].map(([, file]) => file ?? '')
  return {
    title,
    figures: [
      {
        name: 'JavaScript of the first page',
        value: kilobytes(folder, firstPage),
        unit: 'kB',
        target: { atMost: 200 },
        detail: 'gzipped; the overview with everything it loads, texts of one language included',
      },
      {
        name: 'JavaScript before any page',
        value: kilobytes(folder, scripts),
        unit: 'kB',
        detail: `gzipped; ${scripts.length} files: the entry, its preloads and all they import statically`,
      },
      { name: 'Styles', value: kilobytes(folder, styles), unit: 'kB', detail: 'gzipped' },
    ],
  }
}

/** The page a signed-in person begins with, and its texts in one language; by their names in the sources. */
const overview = [/pages\/overview\/OverviewPage\.tsx$/, /locale-de$/]

type Manifest = Record<string, { file: string }>

function namedFiles(folder: string, names: readonly RegExp[]): string[] {
  const manifest = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as Manifest
  return names.map((name) => {
    const found = Object.entries(manifest).find(([source]) => name.test(source))?.[1].file
    if (found === undefined) throw new Error(`the build has no ${name.source}`)
    return found
  })
}

/** Those files and everything they import statically, by reading the imports that stand in them. */
function filesOf(folder: string, entries: ReadonlyArray<string | undefined>): string[] {
  const found = new Set<string>()
  const visit = (file: string) => {
    if (found.has(file)) return
    found.add(file)
    const code = readFileSync(join(folder, file), 'utf8')
    for (const [, target = ''] of code.matchAll(/(?:\bfrom|\bimport)\s*["']\.\/([^"']+\.js)["']/g))
      visit(`assets/${target}`)
  }
  for (const entry of entries) if (entry !== undefined) visit(entry)
  return [...found]
}

function kilobytes(folder: string, files: readonly string[]): number {
  const bytes = files.map((file) => gzipSync(readFileSync(join(folder, file)), { level: 9 }).length)
  return bytes.reduce((sum, one) => sum + one, 0) / 1_000
}
