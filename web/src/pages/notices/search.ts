/** What the address of the notices says. */
export type NoticesSearch = { show?: 'all' }

export function readNoticesSearch(search: Record<string, unknown>): NoticesSearch {
  return search['show'] === 'all' ? { show: 'all' } : {}
}
