/** What instances say about posts read from them. Each has terms of its own; these hold where none are stated. */
import type { DataTerm } from '../contract.ts'

const instances = {
  since: '2025-07-01',
  source: 'https://docs.joinmastodon.org/methods/instance/#terms_of_service',
  confidence: 'high',
} as const

export const dataRules: readonly DataTerm[] = [
  ...['own-post', 'metric', 'profile', 'terms'].map((dataClass): DataTerm => ({
    ...instances,
    id: 'F1',
    dataClass,
    keepFor: null,
    deleteOn: { removed: null, request: null, terminated: null },
    rule: 'Deleted when it is deleted there or the terms of the instance say so; never used to train a model.',
  })),
  {
    ...instances,
    id: 'F1',
    dataClass: '*',
    keepFor: null,
    deleteOn: {},
    use: { model: 'unclear' },
    rule: 'Each instance decides. The largest forbids collecting posts for an archive or a model; where nobody read the terms of an instance, it counts as forbidden.',
  },
]
