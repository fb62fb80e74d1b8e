/** Writes what is generated from something else: the types of the database, and the page about the networks. */
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { capabilityPage } from '#networks/capability-table.ts'
import { networks } from '#networks/registry.ts'

const pathOf = (relative: string) => fileURLToPath(new URL(`../${relative}`, import.meta.url))

writeFileSync(pathOf('docs/networks.md'), capabilityPage(networks.map(({ definition }) => definition)))
const schema = spawnSync(process.execPath, [pathOf('src/storage/gen-schema.ts')], { stdio: 'inherit' })
process.exitCode = schema.status ?? 1
