/**
 * Which post the composer on the screen is for, while addresses change under it. Pure.
 *
 * A new draft gets its id from its first save, and the address follows a moment later: on a busy machine much later.
 * What is on the screen must stay through all of that, or what was added meanwhile would be lost.
 */
export type WritingSession = {
  /** Stays as long as the composer on the screen stays. */
  key: string
  /** The post's id in the address; absent for a new one. */
  postId: string | undefined
  /** The id it has got and the address does not have yet. */
  createdId: string | undefined
}

/** The session for what the address says now; `freshKey` is used where another new post begins. */
export function followAddress(
  session: WritingSession,
  postId: string | undefined,
  freshKey: string,
): WritingSession {
  if (postId === session.postId) return session
  if (postId !== undefined && postId === session.createdId)
    return { ...session, postId, createdId: undefined }
  return { key: postId ?? freshKey, postId, createdId: undefined }
}
