/**
 * Builds the web app into `web/dist/<hash of its sources>/`, with compressed copies, and prints the sizes.
 *
 * Run as a process of its own, so that its memory goes away with it. It works in a folder of its own and takes its
 * place with one rename, so that two at once do no harm.
 */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import { build } from 'vite'
import { distFolder, sourcesHash } from '../src/http/web-sources.ts'

// React takes its development form for anything else, also where tests start this.
process.env['NODE_ENV'] = 'production'

const hash = sourcesHash()
const target = join(distFolder, hash)
const workshop = join(distFolder, `.building-${process.pid}`)

if (existsSync(target) && !process.argv.includes('--force')) {
  console.log(`The web app is up to date: ${target}`)
} else {
  await make()
}
printSizes()

async function make(): Promise<void> {
  mkdirSync(distFolder, { recursive: true })
  try {
    await build({
      configFile: fileURLToPath(new URL('vite.config.ts', import.meta.url)),
      configLoader: 'native',
      mode: 'production',
      logLevel: 'warn',
      build: { outDir: workshop, emptyOutDir: true },
    })
    for (const file of readdirSync(workshop, { recursive: true, encoding: 'utf8' }))
      compress(join(workshop, file))
    takePlace()
  } finally {
    rmSync(workshop, { recursive: true, force: true })
  }
  removeOld()
}

function compress(file: string): void {
  if (!/\.(js|css|html|svg|json)$/.test(file)) return
  const bytes = readFileSync(file)
  writeFileSync(`${file}.gz`, gzipSync(bytes, { level: 9 }))
  const params = { [constants.BROTLI_PARAM_QUALITY]: 10, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length }
  writeFileSync(`${file}.br`, brotliCompressSync(bytes, { params }))
}

/** Whoever comes second finds the same files there and leaves its own. */
function takePlace(): void {
  if (process.argv.includes('--force')) rmSync(target, { recursive: true, force: true })
  try {
    renameSync(workshop, target)
  } catch (cause) {
    if (!existsSync(join(target, 'index.html'))) throw cause
  }
}

/** The build before this one stays for pages that are still open. */
function removeOld(): void {
  const others = readdirSync(distFolder)
    .filter((name) => name !== hash && !name.startsWith('.building-'))
    .map((name) => ({ path: join(distFolder, name), changedAt: statSync(join(distFolder, name)).mtimeMs }))
    .toSorted((a, b) => b.changedAt - a.changedAt)
  for (const { path } of others.slice(1)) rmSync(path, { recursive: true, force: true })
}

type Manifest = Record<string, { file: string; imports?: string[]; css?: string[]; isEntry?: boolean }>

/** What a page costs on the wire: everything that the browser loads for it, gzipped. */
function printSizes(): void {
  const manifest = JSON.parse(readFileSync(join(target, 'manifest.json'), 'utf8')) as Manifest
  const kB = (files: Iterable<string>) =>
    ([...files].reduce((sum, file) => sum + statSync(join(target, `${file}.gz`)).size, 0) / 1_000).toFixed(1)
  const closure = (keys: string[], found = new Set<string>()): Set<string> => {
    for (const key of keys) {
      const chunk = manifest[key]
      if (!chunk || found.has(chunk.file)) continue
      found.add(chunk.file)
      closure(chunk.imports ?? [], found)
    }
    return found
  }
  const entry = Object.keys(manifest).filter((key) => manifest[key]?.isEntry)
  const german = Object.keys(manifest).filter((key) => key.endsWith('locale-de'))
  const shared = closure([...entry, ...german])
  console.log(`JavaScript, gzipped kB: ${kB(shared)} before any page (with the German texts)`)
  for (const key of Object.keys(manifest)
    .filter((name) => name.startsWith('src/pages/'))
    .toSorted()) {
    const page = closure([...entry, ...german, key])
    console.log(`  ${kB(page).padStart(6)}  ${key.slice('src/pages/'.length)}`)
  }
  const later = Object.values(manifest).filter(({ file }) => /locale-de-later/.test(file))
  console.log(
    `${kB(later.map(({ file }) => file)).padStart(8)}  German texts that pages of the settings bring along`,
  )
  const styles = new Set(Object.values(manifest).flatMap((chunk) => chunk.css ?? []))
  console.log(`Styles: ${kB(styles)} kB`)
}
