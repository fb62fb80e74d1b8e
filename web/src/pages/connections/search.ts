/** What the address of the page for new connections says. */
export type ConnectSearch = {
  /** 1 right after the set-up. */
  first?: 1
}

export function readConnectSearch(search: Record<string, unknown>): ConnectSearch {
  return search['first'] === undefined ? {} : { first: 1 }
}
