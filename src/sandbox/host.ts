/** Mounts every network's simulator under `/_sandbox/<network>`. Knows nothing of any of them but its id. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type {
  CreateSandbox,
  SandboxContext,
  SandboxNetwork,
  SandboxRequest,
  SandboxResponse,
  WallPost,
} from '#networks/sandbox-kit.ts'
import { openCollections } from '#networks/sandbox-kit.ts'

export type SandboxHostOptions = {
  simulators: Readonly<Record<string, CreateSandbox>>
  /** Where state is kept; null keeps it in memory. */
  folder: string | null
  now: () => Date
  fetchMedia: SandboxContext['fetchMedia']
}

export type SandboxHost = {
  /** Null where no simulator stands at that path. `path` starts after `/_sandbox`. */
  handle: (request: Omit<SandboxRequest, 'baseUrl'> & { origin: string }) => Promise<SandboxResponse | null>
  wall: () => WallPost[]
  network: (id: string) => SandboxNetwork | undefined
}

export function createSandboxHost(options: SandboxHostOptions): SandboxHost {
  if (options.folder !== null) mkdirSync(options.folder, { recursive: true })
  const networks = new Map<string, SandboxNetwork>()
  for (const [id, create] of Object.entries(options.simulators)) {
    const collection = openCollections(options.folder === null ? null : join(options.folder, `${id}.jsonl`))
    networks.set(id, create({ now: options.now, collection, fetchMedia: options.fetchMedia }))
  }
  return {
    handle: async ({ origin, path, ...request }) => {
      const [, id = '', rest = ''] = /^\/([^/]+)(\/.*)?$/.exec(path) ?? []
      const network = networks.get(id)
      if (!network) return null
      return network.handle({ ...request, path: rest || '/', baseUrl: `${origin}/_sandbox/${id}` })
    },
    wall: () =>
      [...networks.values()]
        .flatMap((network) => network.wall())
        .sort((a, b) => b.publishedAt.localeCompare(a.publishedAt)),
    network: (id) => networks.get(id),
  }
}
