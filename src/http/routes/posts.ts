/** Posts, deliveries and their figures. */
import { changePost, cancelPost, removePost, schedulePost, unschedulePost } from '#app/change-post.ts'
import { createPost, dryRun, duplicatePost } from '#app/compose-post.ts'
import { cancelDelivery, listDeliveries, resolveDelivery } from '#app/deliveries.ts'
import { listPosts } from '#app/list-posts.ts'
import { latestMetrics, readingsOf } from '#app/metrics.ts'
import { showPost } from '#app/post-view.ts'
import { receiptOf } from '#app/receipt.ts'
import { removeDelivery } from '#app/remove-delivery.ts'
import { rewordComment } from '#app/reword-comment.ts'
import type { System } from '#app/system.ts'
import { json } from './json.ts'
import type { Api } from './kit.ts'

export function postRoutes(api: Api, system: System) {
  return {
    posts: {
      create: api.posts.create.handler(async ({ context, input }) =>
        json(await createPost(system, context.actor, input)),
      ),
      dryRun: api.posts.dryRun.handler(async ({ context, input }) =>
        json(await dryRun(system, context.actor, input)),
      ),
      list: api.posts.list.handler(async ({ context, input }) =>
        json(await listPosts(system, context.actor, input)),
      ),
      show: api.posts.show.handler(async ({ context, input }) =>
        json(await showPost(system, context.actor, input.id)),
      ),
      change: api.posts.change.handler(async ({ context, input: { id, revision, ...content } }) =>
        json(await changePost(system, context.actor, id, revision, content)),
      ),
      schedule: api.posts.schedule.handler(async ({ context, input: { id, revision, ...when } }) =>
        json(await schedulePost(system, context.actor, id, revision, when)),
      ),
      unschedule: api.posts.unschedule.handler(async ({ context, input }) =>
        json(await unschedulePost(system, context.actor, input.id)),
      ),
      cancel: api.posts.cancel.handler(async ({ context, input }) =>
        json(await cancelPost(system, context.actor, input.id)),
      ),
      duplicate: api.posts.duplicate.handler(async ({ context, input }) =>
        json(await duplicatePost(system, context.actor, input.id)),
      ),
      remove: api.posts.remove.handler(async ({ context, input }) => {
        await removePost(system, context.actor, input.id)
        return { id: input.id }
      }),
      readings: api.posts.readings.handler(async ({ context, input }) => ({
        items: json(await readingsOf(system, context.actor, input.id, input.metric ?? null)),
      })),
    },
    deliveries: {
      list: api.deliveries.list.handler(async ({ context, input }) =>
        json(await listDeliveries(system, context.actor, input)),
      ),
      show: api.deliveries.show.handler(async ({ context, input }) =>
        json(await receiptOf(system, context.actor, input.id)),
      ),
      resolve: api.deliveries.resolve.handler(async ({ context, input }) =>
        json(await resolveDelivery(system, context.actor, input.id, input.resolution)),
      ),
      reword: api.deliveries.reword.handler(async ({ context, input }) =>
        json(await rewordComment(system, context.actor, input.id, input.text)),
      ),
      cancel: api.deliveries.cancel.handler(async ({ context, input }) =>
        json(await cancelDelivery(system, context.actor, input.id)),
      ),
      remove: api.deliveries.remove.handler(async ({ context, input }) =>
        json(await removeDelivery(system, context.actor, input.id)),
      ),
    },
    metrics: {
      list: api.metrics.list.handler(async ({ context, input }) => ({
        items: json(await latestMetrics(system, context.actor, input.postId ?? null, input.limit)),
      })),
    },
  }
}
