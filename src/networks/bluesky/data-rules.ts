/** What Bluesky says about records read from it: no clock, but what their authors delete goes here too. */
import type { DataTerm } from '../contract.ts'

const guidelines = {
  since: '2026-04-21',
  source: 'https://docs.bsky.app/docs/support/developer-guidelines',
  confidence: 'high',
} as const

export const dataRules: readonly DataTerm[] = ['own-post', 'metric', 'profile'].flatMap(
  (dataClass): DataTerm[] => [
    {
      ...guidelines,
      id: 'B1',
      dataClass,
      keepFor: null,
      deleteOn: { removed: null, request: null, terminated: null },
      rule: 'Deleted when its author deletes it or asks; no time is stated. Reports about abuse are kept.',
    },
    {
      ...guidelines,
      id: 'B1',
      dataClass,
      keepFor: null,
      deleteOn: {},
      use: { model: 'free' },
      rule: 'No rule about models was found, neither in the guidelines nor in the Terms of 2025-09-16.',
    },
  ],
)
