/** Did it happen? The container knows whether it was published; the profile's list knows as which post. */
import { composed } from '#domain/composed.ts'
import type { FindOutcome } from '#domain/delivery.ts'
import type { FindJob, VerbContext } from '../contract.ts'
import { comparable, findByContainer, type Listing } from '../graph-find.ts'
import { definition } from './definition.ts'
import { containers } from './publish.ts'

const listing: Listing = {
  edge: 'threads',
  fields: 'id,text,timestamp,permalink',
  isOurPost: ({ text }, { payload }) =>
    plain(text ?? '') === plain(composed(payload, definition.linkPlacement).text),
}

/** The first tag of a text becomes its topic, which the app shows without the hash sign (Threads posts, 2026-11-23). */
export function plain(text: string): string {
  return comparable(text).replaceAll('#', '')
}

export function find(context: VerbContext, job: FindJob): Promise<FindOutcome> {
  return findByContainer(containers, listing, context, job)
}
