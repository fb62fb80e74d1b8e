/** Moving what is planned to another time, with a way back. */
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { api, client, queryClient } from '../../api.ts'
import { useFormat } from '../../format.ts'
import { t } from '../../i18n.tsx'
import { toast } from '../../ui/toast.ts'
import { wallTime } from '../../wall-time.ts'
import { contentOf, inputOf } from '../compose/content.ts'
import type { Post } from '../posts/states.tsx'

/** Only what has not started can be moved. */
export function isMovable(post: Post): boolean {
  return post.state === 'draft' || post.state === 'scheduled'
}

type Move = { post: Post; at: string; isWayBack: boolean }

/** `onUndo` is told which post goes back, since the button for it disappears. */
export function useMove(onUndo: (postId: string) => void) {
  const { timeZone, shortDateTime } = useFormat()
  const [pending, setPending] = useState<ReadonlyMap<string, string>>(new Map())
  const settle = (postId: string) =>
    setPending((before) => new Map([...before].filter(([id]) => id !== postId)))
  const mutation = useMutation({
    // The zone is named, since a post keeps the one it was written in and the calendar shows the workspace's.
    mutationFn: async ({ post, at }: Move) =>
      post.state === 'draft'
        ? client.posts.change({
            ...inputOf(contentOf(post)),
            id: post.id,
            revision: post.revision,
            at,
            timeZone,
          })
        : client.posts.schedule({ id: post.id, revision: post.revision, at, timeZone }),
    onMutate: ({ post, at }) => setPending((before) => new Map(before).set(post.id, at)),
    onSuccess: async (moved, { post, isWayBack }) => {
      const before = post.dueAt === null ? null : wallTime(new Date(post.dueAt), timeZone)
      const undo = {
        text: t('calendar.undo'),
        onPress: () => {
          mutation.mutate({ post: moved, at: before ?? '', isWayBack: true })
          onUndo(moved.id)
        },
      }
      toast.done(
        t('calendar.moved', { at: moved.dueAt === null ? '' : shortDateTime(moved.dueAt) }),
        isWayBack || before === null ? {} : { action: undo },
      )
      await queryClient.invalidateQueries({ queryKey: api.posts.key() })
    },
    onError: async (cause, { post }) => {
      settle(post.id)
      toast.failed(cause)
      // Most likely somebody else changed it, or it has gone out meanwhile.
      await queryClient.invalidateQueries({ queryKey: api.posts.key() })
    },
    onSettled: (_moved, _cause, { post }) => settle(post.id),
  })
  return {
    pending,
    to: (post: Post, at: string) => mutation.mutate({ post, at, isWayBack: false }),
  }
}
