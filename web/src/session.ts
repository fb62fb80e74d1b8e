/** Who is signed in, where, and what they may do. Only for pages inside the shell. */
import { useSuspenseQuery } from '@tanstack/react-query'
import { api, type Client, type Output, queryClient } from './api.ts'
import { remember } from './remember.ts'

export type Me = Output<Client['account']['show']>
export type Role = Me['member']['role']

export function meQuery() {
  return api.account.show.queryOptions({ staleTime: 60_000 })
}

export function useMe(): Me {
  return useSuspenseQuery(meQuery()).data
}

const ranks: Record<Role, number> = { viewer: 0, editor: 1, admin: 2, owner: 3 }

/** Whether the person has at least this role. The server decides; this only hides what it would refuse. */
export function useMay(role: Role): boolean {
  return ranks[useMe().member.role] >= ranks[role]
}

/** Every later request is about this workspace. */
export async function switchWorkspace(id: string): Promise<void> {
  remember('workspace', id)
  await queryClient.resetQueries()
}
