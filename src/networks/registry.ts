/** The only list of networks. Adding one is a folder and a line here. */
import type { LoginMethod, Network } from './contract.ts'
import type { Simulator } from './sandbox-kit.ts'
import { network as bluesky } from './bluesky/network.ts'
import { network as facebook } from './facebook/network.ts'
import { network as instagram } from './instagram/network.ts'
import { network as linkedin } from './linkedin/network.ts'
import { network as mastodon } from './mastodon/network.ts'
import { network as threads } from './threads/network.ts'
import { network as x } from './x/network.ts'

export const networks: readonly Network[] = [facebook, instagram, linkedin, threads, x, bluesky, mastodon]

export function networkById(id: string): Network | undefined {
  return networks.find((network) => network.definition.id === id)
}

/** The network a login belongs to, with the login itself. */
export function loginById(id: string): { network: Network; login: LoginMethod } | undefined {
  for (const network of networks) {
    const login = network.definition.logins.find((candidate) => candidate.id === id)
    if (login) return { network, login }
  }
  return undefined
}

/** A network's simulator, loaded only where the sandbox is on. */
export function loadSimulator(id: string): Promise<Simulator> {
  return simulators[id]?.() ?? Promise.reject(new Error(`no simulator for ${id}`))
}

const simulators: Readonly<Record<string, () => Promise<Simulator>>> = {
  bluesky: () => import('./bluesky/sandbox.ts'),
  facebook: () => import('./facebook/sandbox.ts'),
  instagram: () => import('./instagram/sandbox.ts'),
  linkedin: () => import('./linkedin/sandbox.ts'),
  mastodon: () => import('./mastodon/sandbox.ts'),
  threads: () => import('./threads/sandbox.ts'),
  x: () => import('./x/sandbox.ts'),
}
