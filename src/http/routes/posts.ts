/** Posts, deliveries and their figures. */
import { latestMetrics, readingsOf } from '#app/metrics.ts'
import {
  cancelPost,
  createPost,
  dryRun,
  listPosts,
  type NewPost,
  resolveDelivery,
  showPost,
} from '#app/posts.ts'
import type { System } from '#app/system.ts'
import { json } from './json.ts'
import { type Api, notThereYet } from './kit.ts'

export function postRoutes(api: Api, system: System) {
  return {
    posts: {
      create: api.posts.create.handler(
        async ({ context, input }) =>
          json(await createPost(system, context.actor, input as NewPost)) as never,
      ),
      dryRun: api.posts.dryRun.handler(
        async ({ context, input }) => json(await dryRun(system, context.actor, input as NewPost)) as never,
      ),
      list: api.posts.list.handler(
        async ({ context, input }) =>
          json(await listPosts(system, context.actor, input as { limit: number; before?: string })) as never,
      ),
      show: api.posts.show.handler(
        async ({ context, input }) => json(await showPost(system, context.actor, input.id)) as never,
      ),
      change: api.posts.change.handler(notThereYet),
      schedule: api.posts.schedule.handler(notThereYet),
      unschedule: api.posts.unschedule.handler(notThereYet),
      cancel: api.posts.cancel.handler(
        async ({ context, input }) => json(await cancelPost(system, context.actor, input.id)) as never,
      ),
      duplicate: api.posts.duplicate.handler(notThereYet),
      remove: api.posts.remove.handler(notThereYet),
      readings: api.posts.readings.handler(async ({ context, input }) => ({
        items: json(await readingsOf(system, context.actor, input.id)),
      })),
    },
    deliveries: {
      list: api.deliveries.list.handler(notThereYet),
      show: api.deliveries.show.handler(notThereYet),
      resolve: api.deliveries.resolve.handler(
        async ({ context, input }) =>
          json(await resolveDelivery(system, context.actor, input.id, input.resolution)) as never,
      ),
      cancel: api.deliveries.cancel.handler(notThereYet),
      remove: api.deliveries.remove.handler(notThereYet),
    },
    metrics: {
      list: api.metrics.list.handler(async ({ context, input }) => ({
        items: json(await latestMetrics(system, context.actor, input.postId ?? null, input.limit)),
      })),
    },
  }
}
