/** What holds on Instagram beyond the terms of all of Meta's networks. */
import type { DataTerm } from '../contract.ts'

export const noImport: DataTerm = {
  id: 'M6',
  dataClass: 'own-post',
  keepFor: null,
  deleteOn: {},
  use: { export: { kind: 'never' } },
  since: '2026-02-03',
  rule: 'Pictures and videos are not imported or backed up from Instagram: Litfass keeps the originals people gave it, and reads none back.',
  source: 'https://developers.facebook.com/devpolicy',
  confidence: 'medium',
}
