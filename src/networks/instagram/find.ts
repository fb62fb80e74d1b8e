/** Did it happen? The container knows whether it was published; the listing knows as which post. */
import type { FindOutcome } from '#domain/delivery.ts'
import type { FindJob, VerbContext } from '../contract.ts'
import { comparable, findByContainer, type ListedPost } from '../graph-find.ts'
import { instagramLogin } from './definition.ts'
import { captionOf, containers } from './publish.ts'

export function find(context: VerbContext, job: FindJob): Promise<FindOutcome> {
  const mayLackCaption = context.login.id === instagramLogin.id
  return findByContainer(
    containers,
    {
      edge: 'media',
      fields: 'id,caption,timestamp,permalink,media_product_type',
      isOurPost: (row, { payload }, isLive) => hasCaption(row, captionOf(payload), isLive && mayLackCaption),
    },
    context,
    job,
  )
}

/**
 * The caption is documented as readable with the Facebook login only (IG media object, 2026-11-23).
 *
 * With the other login and a post known to be live, a missing caption lets time alone decide; elsewhere a
 * missing caption is an empty one.
 */
function hasCaption({ caption }: ListedPost, ours: string, mayLackCaption: boolean): boolean {
  if (caption === undefined && mayLackCaption) return true
  return comparable(caption ?? '') === comparable(ours)
}
