/**
 * Keeps a draft on the server while it is written.
 *
 * Saves follow one another, each on the revision the one before gave, so that a change somebody else made in between
 * is noticed and never overwritten.
 */
import { useCallback, useEffect, useRef, useState } from 'react'
import { api, client, queryClient } from '../../api.ts'
import { asProblem, type Problem } from '../../problems.ts'
import { type Content, contentOf, emptyContent, inputOf, isEmpty, type Post } from './content.ts'

export type SaveState =
  | { kind: 'saved' }
  | { kind: 'unsaved' }
  | { kind: 'saving' }
  | { kind: 'failed'; problem: Problem }
  /** Somebody else changed the post. Nothing is saved until the person has chosen. */
  | { kind: 'conflict'; problem: Problem }

type Options = {
  post: Post | null
  content: Content
  /** False for what is scheduled: there a change takes effect, so it is saved by hand. */
  isAutomatic: boolean
  /** The draft has got its id. */
  onCreated: (id: string) => void
}

const quietMs = 800
const retryMs = 5_000

export function useAutosave({ post, content, isAutomatic, onCreated }: Options) {
  const [state, setState] = useState<SaveState>({ kind: 'saved' })
  const saved = useRef({
    id: post?.id ?? null,
    revision: post?.revision ?? 0,
    json: JSON.stringify(inputOf(post === null ? emptyContent : contentOf(post))),
  })
  const idempotencyKey = useRef(crypto.randomUUID())
  const latest = useRef(content)
  latest.current = content
  const running = useRef<Promise<unknown>>(Promise.resolve())

  const saveOnce = useCallback(async (): Promise<{ id: string; revision: number }> => {
    const input = inputOf(latest.current)
    const json = JSON.stringify(input)
    const { id, revision } = saved.current
    if (id !== null && json === saved.current.json) return { id, revision }
    setState({ kind: 'saving' })
    try {
      const answer =
        id === null
          ? await client.posts.create(
              { ...input, draft: true },
              { context: { idempotencyKey: idempotencyKey.current } },
            )
          : await client.posts.change({ ...input, id, revision })
      // Under the key of a lost answer the server replies with what it saved then; the next save has the rest.
      saved.current = {
        id: answer.id,
        revision: answer.revision,
        json: id === null ? JSON.stringify(inputOf(contentOf(answer))) : json,
      }
      queryClient.setQueryData(api.posts.show.queryKey({ input: { id: answer.id } }), answer)
      if (id === null) onCreated(answer.id)
      setState({ kind: JSON.stringify(inputOf(latest.current)) === json ? 'saved' : 'unsaved' })
      return { id: answer.id, revision: answer.revision }
    } catch (cause) {
      const problem = asProblem(cause)
      if (problem.code === 'idempotency_mismatch') idempotencyKey.current = crypto.randomUUID()
      setState({ kind: problem.code === 'revision_conflict' ? 'conflict' : 'failed', problem })
      throw problem
    }
  }, [onCreated])

  /** Saves what is there now, after any save under way. Throws a `Problem`. */
  const save = useCallback((): Promise<{ id: string; revision: number }> => {
    const next = running.current.then(saveOnce, saveOnce)
    running.current = next.catch(() => undefined)
    return next
  }, [saveOnce])

  const json = JSON.stringify(inputOf(content))
  const isChanged = json !== saved.current.json
  const isBlank = saved.current.id === null && isEmpty(content)
  const isHeld = state.kind === 'conflict'

  useEffect(() => {
    if (!isChanged || isBlank || isHeld) return
    setState((before) => (before.kind === 'saved' ? { kind: 'unsaved' } : before))
    if (!isAutomatic) return
    const wait = setTimeout(() => void save().catch(() => undefined), quietMs)
    return () => clearTimeout(wait)
  }, [json, isChanged, isBlank, isHeld, isAutomatic, save])

  const isFailed = state.kind === 'failed' && isAutomatic
  useEffect(() => {
    if (!isFailed) return
    const again = setInterval(() => void save().catch(() => undefined), retryMs)
    return () => clearInterval(again)
  }, [isFailed, save])

  return { state, save, isChanged: isChanged && !isBlank, isStored: saved.current.id !== null }
}
