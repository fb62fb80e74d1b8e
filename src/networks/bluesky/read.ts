/** Reading one post at the account's own server, which is the one that knows for sure. */
import type { Purpose, VerbContext } from '../contract.ts'
import type { Answer } from '../metered-fetch.ts'
import { callServer, collection } from './api.ts'

/** 400 `RecordNotFound` where there is none. Needs no token. */
export function readRecord(
  context: VerbContext,
  did: string,
  key: string,
  purpose: Purpose,
): Promise<Answer> {
  return callServer(context, {
    method: 'GET',
    operation: 'com.atproto.repo.getRecord',
    query: { repo: did, collection, rkey: key },
    endpointClass: 'post.read',
    dataClass: 'own-post',
    purpose,
    countItems: () => 1,
  })
}
