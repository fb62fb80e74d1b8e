/** What Bluesky says about records read from it: no clock, but what their authors delete goes here too. */
import type { DataTerm } from '../contract.ts'

export const dataRules: readonly DataTerm[] = ['own-post', 'metric', 'profile'].map((dataClass) => ({
  id: 'B1',
  dataClass,
  keepFor: null,
  deleteOn: { removed: null, request: null, terminated: null },
  since: '2026-04-21',
  rule: 'Deleted when its author deletes it or asks; no time is stated. Reports about abuse are kept.',
  source: 'https://docs.bsky.app/docs/support/developer-guidelines',
  confidence: 'high',
}))
