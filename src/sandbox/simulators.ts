/** Every network that has a simulator, found by its folder, so that no list has to be kept here. */
import { existsSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { join } from 'node:path'
import type { CreateSandbox, Simulator } from '#networks/sandbox-kit.ts'

const folder = fileURLToPath(new URL('../networks', import.meta.url))

export async function loadSimulators(): Promise<Record<string, CreateSandbox>> {
  const ids = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(folder, entry.name, 'sandbox.ts')))
    .map((entry) => entry.name)
  const loaded = await Promise.all(
    ids.map(async (id) => {
      const simulator = (await import(`#networks/${id}/sandbox.ts`)) as Simulator
      return [id, simulator.createSandbox] as const
    }),
  )
  return Object.fromEntries(loaded)
}
