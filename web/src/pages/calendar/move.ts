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

export function useMove() {
  const { timeZone, shortDateTime } = useFormat()
  const [pending, setPending] = useState<ReadonlyMap<string, string>>(new Map())
  const mutation = useMutation({
    mutationFn: async ({ post, at }: { post: Post; at: string; isWayBack: boolean }) =>
      post.state === 'draft'
        ? client.posts.change({ ...inputOf(contentOf(post)), id: post.id, revision: post.revision, at })
        : client.posts.schedule({ id: post.id, revision: post.revision, at }),
    onMutate: ({ post, at }) => setPending((before) => new Map(before).set(post.id, at)),
    onSuccess: (moved, { post, isWayBack }) => {
      const before = post.dueAt === null ? null : wallTime(new Date(post.dueAt), timeZone)
      const text = t('calendar.moved', { at: moved.dueAt === null ? '' : shortDateTime(moved.dueAt) })
      toast.done(
        text,
        isWayBack || before === null
          ? {}
          : {
              action: {
                text: t('calendar.undo'),
                onPress: () => mutation.mutate({ post: moved, at: before, isWayBack: true }),
              },
            },
      )
    },
    onError: toast.failed,
    onSettled: async (_moved, _error, { post }) => {
      await queryClient.invalidateQueries({ queryKey: api.posts.key() })
      setPending((before) => {
        const rest = new Map(before)
        rest.delete(post.id)
        return rest
      })
    },
  })
  return {
    pending,
    to: (post: Post, at: string) => mutation.mutate({ post, at, isWayBack: false }),
  }
}
