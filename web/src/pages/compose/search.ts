/** What the address of the composer says. */
export type ComposeSearch = {
  /** Wall time to begin with, for example from a day of the calendar. */
  at?: string
}

export function readComposeSearch(search: Record<string, unknown>): ComposeSearch {
  const { at } = search
  return typeof at === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d$/.test(at) ? { at } : {}
}
