/** What the address of the access ledger says: what the report is about, and which entries are shown. */
import { type PeriodSearch, readPeriodSearch } from '../../period.ts'

export type LedgerSearch = PeriodSearch & {
  /** Of the report. */
  network?: string
  /** Of the entries. */
  entriesOf?: string
  purpose?: string
}

export function readLedgerSearch(search: Record<string, unknown>): LedgerSearch {
  const word = (name: 'network' | 'entriesOf' | 'purpose') => {
    const value = search[name]
    return typeof value === 'string' && value !== '' ? { [name]: value } : {}
  }
  return { ...readPeriodSearch(search), ...word('network'), ...word('entriesOf'), ...word('purpose') }
}
