/** Calls that cost, and what comes of them, for tests of the meter. */
import type { Call, Settlement } from '#networks/metered-fetch.ts'

/** A post with a link costs 0.20 USD, one without 0.015; each post read 0.005 (X pricing page, 2026-08-22). */
export const post: Call = {
  method: 'POST',
  url: 'https://example.com',
  endpointClass: 'post.create',
  dataClass: 'own-post',
  purpose: 'publish',
  hasLink: true,
}

export const answered: Settlement = {
  outcome: 'answered',
  status: 201,
  wasSent: true,
  items: 1,
  headers: {},
  ms: 1,
}
