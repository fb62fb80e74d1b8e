/** Names of networks and accounts, for what budgets are for. */
import { useQuery } from '@tanstack/react-query'
import { api } from '../../api.ts'
import type { Names } from './words.ts'

export function useNames(): Names {
  const networks = useQuery(api.networks.list.queryOptions({ staleTime: 300_000 }))
  const connections = useQuery(api.connections.list.queryOptions())
  const nameIn = (items: ReadonlyArray<{ id: string; name: string }> | undefined) => (id: string) =>
    items?.find((one) => one.id === id)?.name ?? id
  return { network: nameIn(networks.data?.items), connection: nameIn(connections.data?.items) }
}
