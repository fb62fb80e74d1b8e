/** The first comment below a post of the account. */
import { hasLink } from '#domain/text.ts'
import type { CommentVerbs } from '../contract.ts'
import { commentsAnswer, graphComments } from '../graph-comment.ts'
import { removeMedia } from '../graph-remove.ts'
import { graph } from './api.ts'
import { definition } from './definition.ts'
import { instagramRows } from './errors.ts'
import { containers } from './publish.ts'

export const comment: CommentVerbs = {
  ...graphComments({
    name: definition.name,
    rows: instagramRows,
    create: (context, { channel, parent, payload }) =>
      graph(context, 'POST', channel.accessToken, {
        path: `/${parent.remoteId}/comments`,
        params: { message: payload.text },
        endpointClass: 'comment.create',
        dataClass: 'own-post',
        purpose: 'publish',
        hasLink: hasLink(payload.text),
      }),
    list: (context, { channel, parent }, after) =>
      graph(context, 'GET', channel.accessToken, {
        path: `/${parent.remoteId}/comments`,
        params: { fields: 'id,text,timestamp', limit: '100', ...(after === undefined ? {} : { after }) },
        endpointClass: 'comment.list',
        dataClass: 'comment',
        purpose: 'reconcile',
        countItems: (body) => commentsAnswer.safeParse(body).data?.data.length ?? 0,
      }),
  }),
  // Unlike a post, a comment may be deleted with either login.
  remove: (context, channel, remoteId) => removeMedia(containers, context, channel, remoteId),
}
