/** What the addresses of these pages say. */
export type ConnectSearch = {
  /** 1 right after the set-up. */
  first?: 1
}

export function readConnectSearch(search: Record<string, unknown>): ConnectSearch {
  return search['first'] === undefined ? {} : { first: 1 }
}

/** How a consent ended, as the server's redirect tells. */
export type ConnectionsSearch = { added?: string; error?: string; message?: string }

export function readConnectionsSearch(search: Record<string, unknown>): ConnectionsSearch {
  const names = ['added', 'error', 'message'] as const
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = search[name]
      return typeof value === 'string' && value !== '' ? [[name, value.slice(0, 500)]] : []
    }),
  )
}
