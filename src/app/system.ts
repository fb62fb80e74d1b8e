/** What every use case is handed: the parts of one running installation. Built once, in `main.ts`. */
import type { Ledger } from '#engine/meter.ts'
import type { LoginMethod, Network, NetworkHosts } from '#networks/contract.ts'
import type { Handle } from '#storage/deliveries.ts'
import type { Sealer } from '#storage/seal.ts'

export type System = {
  db: Handle
  sealer: Sealer
  ledger: Ledger
  now: () => Date
  /** Public URL of this server, without a trailing slash. */
  origin: string
  mediaDir: string
  /** Signs media URLs; derived from the master key. */
  mediaKey: Uint8Array
  networks: readonly Network[]
  loginById: (id: string) => { network: Network; login: LoginMethod } | undefined
  /** Real hosts with settings applied, or the simulator's. */
  hostsOf: (network: Network, login: LoginMethod, isSandbox: boolean) => NetworkHosts
  /** App credentials from the environment, where set there. */
  appFromEnvironment: (login: LoginMethod) => { clientId: string; clientSecret: string } | null
  hasSandbox: boolean
  /** Writes a backup into the data folder and returns its path. */
  backUp: () => Promise<string>
  /** Tells the dispatcher that something was scheduled. */
  wake: () => void
}

/** Who asks. Every query is scoped to the workspace. */
export type Actor = { workspaceId: string; memberId: string; role: 'owner' | 'admin' | 'editor' | 'viewer' }
