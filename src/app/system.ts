/** What every use case is handed: the parts of one running installation. Built once, in `main.ts`. */
import type { Breakers } from '#engine/breakers.ts'
import type { Counters } from '#engine/counters.ts'
import type { Ledger } from '#engine/meter.ts'
import type { PriceBooks } from '#engine/price-books.ts'
import type { LoginMethod, Network, NetworkHosts } from '#networks/contract.ts'
import type { Handle } from '#storage/deliveries.ts'
import type { Sealer } from '#storage/seal.ts'

export type System = {
  db: Handle
  sealer: Sealer
  ledger: Ledger
  breakers: Breakers
  /** What networks told of how much is used. */
  counters: Counters
  /** What each workspace is charged by, in memory. */
  prices: PriceBooks
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
  /** Whether servers that people type may stand in a private network. */
  allowsPrivateHosts: boolean
  /** Base address of the model server the operator set, which may be in a private network; null for none. */
  modelServer: string | null
  /** App credentials from the environment, where set there. */
  appFromEnvironment: (login: LoginMethod) => { clientId: string; clientSecret: string } | null
  /** The token of that app itself, where a login has one and it is set. */
  appTokenFromEnvironment: (login: LoginMethod) => string | null
  hasSandbox: boolean
  /** Writes a backup into the data folder. */
  backUp: () => Promise<WrittenBackup>
  /** Tells the dispatcher that something was scheduled. */
  wake: () => void
}

/** What a backup holds and where; `master.key` is never in it. */
export type WrittenBackup = {
  file: string
  rows: number
  /** Media files beside the backup's file; null where there are none. */
  mediaFolder: string | null
  mediaFiles: number
  /** Media files whose bytes are gone from the data folder already. */
  missingMedia: number
}

/** Who asks. Every query is scoped to the workspace. */
export type Actor = { workspaceId: string; memberId: string; role: 'owner' | 'admin' | 'editor' | 'viewer' }
