/** Which sources a build of the web app was made from. */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../..', import.meta.url))

export const distFolder = join(root, 'web/dist')
/** The script that builds. */
export const buildScript = join(root, 'web/build.ts')

/** `src/domain/text.ts` is what `src/contract/text.ts` gives to clients. */
const inputs = [
  'web/src',
  'web/public',
  'web/index.html',
  'web/build.ts',
  'web/vite.config.ts',
  'web/contract-routes.ts',
  'web/locale-catalogues.ts',
  'src/contract',
  'src/domain/text.ts',
  'package-lock.json',
]

/** Changes with every source; a build stands in `web/dist/<hash>`. */
export function sourcesHash(): string {
  const hash = createHash('sha256')
  for (const file of inputs.flatMap(filesIn).filter((file) => !/\.test\.tsx?$/.test(file))) {
    hash
      .update(`${file}\0`)
      .update(readFileSync(join(root, file)))
      .update('\0')
  }
  return hash.digest('hex').slice(0, 16)
}

function filesIn(path: string): string[] {
  if (statSync(join(root, path)).isFile()) return [path]
  return readdirSync(join(root, path), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length))
    .toSorted()
}
