/** What instances say about posts read from them. Each has terms of its own; these hold where none are stated. */
import type { DataTerm } from '../contract.ts'

export const dataRules: readonly DataTerm[] = ['own-post', 'metric', 'profile', 'terms'].map((dataClass) => ({
  id: 'F1',
  dataClass,
  keepFor: null,
  deleteOn: { removed: null, request: null, terminated: null },
  since: '2025-07-01',
  rule: 'Deleted when it is deleted there or the terms of the instance say so; never used to train a model.',
  source: 'https://docs.joinmastodon.org/methods/instance/#terms_of_service',
  confidence: 'high',
}))
