/** What holds on Threads beyond the terms of all of Meta's networks. */
import type { DataTerm } from '../contract.ts'

export const onlyForItsAuthor: DataTerm = {
  id: 'M7',
  dataClass: 'own-post',
  keepFor: null,
  deleteOn: {},
  use: { showTo: 'its-author' },
  since: '2025-12-22',
  rule: 'Posts that are read back are shown only to the person who made them. Litfass shows what was written here instead.',
  source: 'https://developers.facebook.com/documentation/threads/overview',
  confidence: 'high',
}
