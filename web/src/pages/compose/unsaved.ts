/**
 * What was written and has not reached the server yet, kept in this tab until it has: a reload or a new sign-in finds
 * it again. It is kept by person, and goes with the tab.
 */
import { type Content, emptyContent, type PostInput } from './content.ts'

/** A draft that was sent for the first time and not answered. Only the very same request is safe to repeat. */
export type PendingCreate = { idempotencyKey: string; input: PostInput }
export type Unsaved = {
  content: Content
  /** What the content was written on; 0 for a new post. */
  revision: number
  create: PendingCreate | null
}

const prefix = 'litfass-unsaved'

function nameOf(memberId: string, postId: string | null): string {
  return `${prefix}:${memberId}:${postId ?? 'new'}`
}

export function keepUnsaved(memberId: string, postId: string | null, unsaved: Unsaved): void {
  // Files on their way cannot be kept; those that arrived can.
  const attachments = unsaved.content.attachments.filter(({ upload }) => upload.kind === 'done')
  const kept = { ...unsaved, content: { ...unsaved.content, attachments } }
  try {
    sessionStorage.setItem(nameOf(memberId, postId), JSON.stringify(kept))
  } catch {
    // No storage, or a full one: then only the server keeps it.
  }
}

export function unsavedOf(memberId: string, postId: string | null): Unsaved | null {
  try {
    const kept = JSON.parse(sessionStorage.getItem(nameOf(memberId, postId)) ?? 'null') as Unsaved | null
    // An earlier release knew less of a post.
    return kept && { ...kept, content: { ...emptyContent, ...kept.content } }
  } catch {
    return null
  }
}

export function forgetUnsaved(memberId: string, postId: string | null): void {
  try {
    sessionStorage.removeItem(nameOf(memberId, postId))
  } catch {
    // What could not be kept needs no forgetting.
  }
}

/** Whether anything waits in this tab, whoever wrote it. */
export function hasUnsaved(): boolean {
  try {
    return Object.keys(sessionStorage).some((name) => name.startsWith(prefix))
  } catch {
    return false
  }
}
