/**
 * Keeps a draft on the server while it is written.
 *
 * Saves follow one another, each on the revision the one before gave, so that a change somebody else made in between
 * is noticed and never overwritten. What is not saved yet is kept in the tab meanwhile.
 */
import { useCallback, useEffect, useRef, useState } from 'react'
import { api, client, queryClient } from '../../api.ts'
import { asProblem, type Problem } from '../../problems.ts'
import { type Content, contentOf, inputOf, isEmpty, markOf, type Post, type PostInput } from './content.ts'
import { forgetUnsaved, keepUnsaved, type PendingCreate } from './unsaved.ts'

export type SaveState =
  | { kind: 'saved' }
  | { kind: 'unsaved' }
  | { kind: 'saving' }
  /** `mark` is of what could not be saved. */
  | { kind: 'failed'; problem: Problem; mark: string }
  /** Somebody else changed or deleted the post (then `theirs` is null). Nothing is saved until the person has chosen. */
  | { kind: 'conflict'; problem: Problem; theirs: Post | null }

export type Saved = { id: string; revision: number }

type Options = {
  post: Post | null
  /** What the content was written on, where that is not what the server has. */
  revision: number
  create: PendingCreate | null
  content: Content
  memberId: string
  /** False for what is scheduled: there a change takes effect, so it is saved by hand. */
  isAutomatic: boolean
  /** The draft has got its id. */
  onCreated: (id: string) => void
}

const quietMs = 800
/** Who writes without a pause is saved all the same. */
const patienceMs = 5_000
const retryMs = 5_000

export function useAutosave(options: Options) {
  const { post, content, memberId, isAutomatic } = options
  const [state, setState] = useState<SaveState>({ kind: 'saved' })
  const server = useRef({
    id: post?.id ?? null,
    revision: options.revision,
    mark: post === null ? '' : markOf(contentOf(post)),
    at: post === null ? null : contentOf(post).at,
    /** Of a change that was sent and not answered: it may be what the server has. */
    sentMark: '',
  })
  const create = useRef(options.create)
  const latest = useRef(options)
  latest.current = options
  const running = useRef<Promise<unknown>>(Promise.resolve())
  const unsavedSince = useRef(0)

  const saveOnce = useCallback(async (): Promise<Saved> => {
    const now = latest.current
    const mark = markOf(now.content)
    const { id, revision } = server.current
    if (id !== null && mark === server.current.mark) {
      setState({ kind: 'saved' })
      return { id, revision }
    }
    setState({ kind: 'saving' })
    const input = inputOf(now.content)
    try {
      const answer = await sendOrLeaveOutTime(input, id, revision)
      // Under the key of a lost answer the server replies with what it saved then; the next save has the rest.
      const savedMark =
        id === null && !isSame(create.current?.input, input) ? markOf(contentOf(answer)) : mark
      create.current = null
      adopt(answer, savedMark)
      if (id === null) {
        forgetUnsaved(now.memberId, null)
        now.onCreated(answer.id)
      }
      const isAll = markOf(latest.current.content) === savedMark
      unsavedSince.current = 0
      if (isAll) forgetUnsaved(now.memberId, answer.id)
      setState({ kind: isAll ? 'saved' : 'unsaved' })
      return { id: answer.id, revision: answer.revision }
    } catch (cause) {
      const problem = asProblem(cause)
      if (isUnanswered(problem)) server.current.sentMark = id === null ? '' : mark
      else create.current = null
      if (id !== null && taken.has(problem.code)) return conflict(id, problem, mark)
      setState({ kind: 'failed', problem, mark })
      throw problem
    }

    async function sendOrLeaveOutTime(what: PostInput, to: string | null, on: number): Promise<Post> {
      try {
        return await send(what, to, on)
      } catch (cause) {
        // A time that does not exist must not keep the text from being saved; the page says what is wrong with it.
        if (!now.isAutomatic || asProblem(cause).code !== 'due_in_gap') throw cause
        create.current = null
        const { at: _, ...rest } = what
        const { at } = server.current
        return await send(at === null ? rest : { ...rest, at }, to, on)
      }
    }

    async function send(what: PostInput, to: string | null, on: number): Promise<Post> {
      if (to !== null) return await client.posts.change({ ...what, id: to, revision: on })
      create.current ??= { idempotencyKey: crypto.randomUUID(), input: what }
      const { input: first, idempotencyKey } = create.current
      return await client.posts.create({ ...first, draft: true }, { context: { idempotencyKey } })
    }

    function adopt(answer: Post, savedMark: string): void {
      server.current = {
        id: answer.id,
        revision: answer.revision,
        mark: savedMark,
        at: contentOf(answer).at,
        sentMark: '',
      }
      queryClient.setQueryData(api.posts.show.queryKey({ input: { id: answer.id } }), answer)
    }

    /** What looks like somebody else's change may be our own, whose answer was lost. */
    async function conflict(of: string, problem: Problem, mine: string): Promise<Saved> {
      let theirs: Post | null = null
      try {
        theirs = await client.posts.show({ id: of })
      } catch (cause) {
        if (asProblem(cause).code !== 'not_found') {
          setState({ kind: 'failed', problem: asProblem(cause), mark: mine })
          throw cause
        }
      }
      const there = theirs === null ? null : markOf(contentOf(theirs))
      if (
        theirs !== null &&
        problem.code === 'revision_conflict' &&
        (there === mine || there === server.current.sentMark)
      ) {
        adopt(theirs, there)
        return await saveOnce()
      }
      // What is missing is not the post but something in it.
      if (theirs !== null && problem.code === 'not_found') {
        setState({ kind: 'failed', problem, mark: mine })
        throw problem
      }
      setState({ kind: 'conflict', problem, theirs })
      throw problem
    }
  }, [])

  /** Saves what is there now, after any save under way. Throws a `Problem`. */
  const save = useCallback((): Promise<Saved> => {
    const next = running.current.then(saveOnce, saveOnce)
    running.current = next.catch(() => undefined)
    return next
  }, [saveOnce])

  const mark = markOf(content)
  const { id } = server.current
  const isUnsaved = mark !== server.current.mark && !(id === null && isEmpty(content))
  const isHeld = state.kind === 'conflict'

  useEffect(() => {
    const { revision } = server.current
    if (isUnsaved)
      keepUnsaved(memberId, id, { content: latest.current.content, revision, create: create.current })
    else forgetUnsaved(memberId, id)
  }, [mark, isUnsaved, memberId, id])

  useEffect(() => {
    if (!isUnsaved || isHeld || state.kind === 'saving') return
    if (unsavedSince.current === 0) unsavedSince.current = Date.now()
    if (state.kind === 'saved') return setState({ kind: 'unsaved' })
    if (!isAutomatic) return
    const isSameFailure = state.kind === 'failed' && state.mark === mark
    if (isSameFailure && !isWorthAnotherTry(state.problem)) return
    const patience = Math.max(0, unsavedSince.current + patienceMs - Date.now())
    const wait = setTimeout(
      () => void save().catch(() => undefined),
      isSameFailure ? retryMs : Math.min(quietMs, patience),
    )
    return () => clearTimeout(wait)
  }, [state, mark, isUnsaved, isHeld, isAutomatic, save])

  /** Nothing of what is here matters any more. */
  const discard = useCallback(() => forgetUnsaved(latest.current.memberId, server.current.id), [])
  return { state, save, discard, isUnsaved, savedId: id }
}

/** Somebody else was there first. */
const taken = new Set(['revision_conflict', 'post_not_editable', 'not_found'])

/** Nobody knows whether it was done, or it was too early: the same may be tried again. */
function isUnanswered({ status }: Problem): boolean {
  return status === 0 || status === 429 || status >= 500
}

/** A first save whose server died is refused under its key; it goes on under another. */
function isWorthAnotherTry(problem: Problem): boolean {
  return isUnanswered(problem) || problem.code === 'conflict' || problem.code === 'idempotency_mismatch'
}

function isSame(one: PostInput | undefined, other: PostInput): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}
