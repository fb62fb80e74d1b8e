/** The first comment below a post of the page. */
import { hasLink } from '#domain/text.ts'
import type { CommentVerbs } from '../contract.ts'
import { graphComments } from '../graph-comment.ts'
import { countRows, graph } from './api.ts'
import { definition } from './definition.ts'
import { facebookRows } from './errors.ts'
import { remove } from './remove.ts'

export const comment: CommentVerbs = {
  ...graphComments({
    name: definition.name,
    rows: facebookRows,
    create: (context, { channel, parent, payload }) =>
      graph(context, {
        method: 'POST',
        path: `/${parent.remoteId}/comments`,
        token: channel.accessToken,
        endpointClass: 'comment.create',
        dataClass: 'own-post',
        purpose: 'publish',
        body: new URLSearchParams({ message: payload.text }),
        hasLink: hasLink(payload.text),
      }),
    list: (context, { channel, parent }, after) =>
      graph(context, {
        method: 'GET',
        path: `/${parent.remoteId}/comments`,
        query: {
          fields: 'id,message,created_time,permalink_url',
          filter: 'stream',
          order: 'chronological',
          limit: '100',
          ...(after === undefined ? {} : { after }),
        },
        token: channel.accessToken,
        endpointClass: 'comment.list',
        dataClass: 'comment',
        purpose: 'reconcile',
        countItems: countRows,
      }),
  }),
  remove,
}
