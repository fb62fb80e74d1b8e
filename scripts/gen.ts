/** Writes what is generated from something else: so far the types of the database. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const generator = fileURLToPath(new URL('../src/storage/gen-schema.ts', import.meta.url))
process.exitCode = spawnSync(process.execPath, [generator], { stdio: 'inherit' }).status ?? 1
