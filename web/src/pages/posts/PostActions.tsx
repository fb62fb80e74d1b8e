/** What can be done with a post as it stands. */
import { useMutation } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { lazy, type ReactNode, Suspense, useState } from 'react'
import { api, client, queryClient } from '../../api.ts'
import { t } from '../../i18n.tsx'
import { useMay } from '../../session.ts'
import { Button } from '../../ui/Button.tsx'
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx'
import { ButtonLink } from '../../ui/Link.tsx'
import { toast } from '../../ui/toast.ts'
import type { Post } from './states.tsx'

const PostMenu = lazy(async () => ({ default: (await import('./PostMenu.tsx')).PostMenu }))

type Asked = 'publish' | 'cancel' | 'remove'

export function PostActions({ post }: { post: Post }): ReactNode {
  const navigate = useNavigate()
  const mayWrite = useMay('editor')
  const [asked, setAsked] = useState<Asked | null>(null)
  const settle = async (text: string) => {
    setAsked(null)
    toast.done(text)
    await queryClient.invalidateQueries({ queryKey: api.posts.key() })
  }
  const publish = useMutation({
    mutationFn: () => client.posts.schedule({ id: post.id, revision: post.revision }),
    onSuccess: () => settle(t('posts.done.publishing')),
  })
  const cancel = useMutation({
    mutationFn: () => client.posts.cancel({ id: post.id }),
    onSuccess: () => settle(t('posts.done.cancelled')),
  })
  const unschedule = useMutation({
    mutationFn: () => client.posts.unschedule({ id: post.id }),
    onSuccess: () => settle(t('posts.done.unscheduled')),
    onError: toast.failed,
  })
  const duplicate = useMutation({
    mutationFn: () => client.posts.duplicate({ id: post.id }),
    onSuccess: async (copy) => {
      await settle(t('posts.done.duplicated'))
      await navigate({ to: '/compose/{-$postId}', params: { postId: copy.id } })
    },
    onError: toast.failed,
  })
  const remove = useMutation({
    mutationFn: () => client.posts.remove({ id: post.id }),
    onSuccess: async () => {
      await navigate({ to: '/posts', search: {} })
      await settle(t('posts.done.removed'))
    },
  })
  if (!mayWrite) return null
  const isEditable = post.state === 'draft' || post.state === 'scheduled'
  const isRemovable = post.state === 'draft' || post.state === 'cancelled'
  const isCancellable =
    post.state !== 'draft' && post.deliveries.some(({ state }) => state === 'waiting' || state === 'held')
  return (
    <>
      {isEditable && (
        <ButtonLink icon="pencil" to="/compose/{-$postId}" params={{ postId: post.id }}>
          {t('posts.action.edit')}
        </ButtonLink>
      )}
      {post.state === 'scheduled' && (
        <Button icon="send" onPress={() => setAsked('publish')}>
          {t('posts.action.publishNow')}
        </Button>
      )}
      <Suspense fallback={<span className="size-10 pointer-coarse:size-11" />}>
        <PostMenu
          onDuplicate={duplicate.mutate}
          onUnschedule={post.state === 'scheduled' ? unschedule.mutate : undefined}
          onCancel={isCancellable ? () => setAsked('cancel') : undefined}
          onRemove={isRemovable ? () => setAsked('remove') : undefined}
        />
      </Suspense>
      <ConfirmDialog
        title={t('posts.ask.publish.title')}
        action={t('posts.action.publishNow')}
        isDangerous={false}
        isOpen={asked === 'publish'}
        onClose={() => setAsked(null)}
        onConfirm={() => publish.mutate()}
        isPending={publish.isPending}
        error={publish.error}
      >
        {t('posts.ask.publish.text')}
      </ConfirmDialog>
      <ConfirmDialog
        title={t('posts.ask.cancel.title')}
        action={t('posts.action.cancel')}
        isOpen={asked === 'cancel'}
        onClose={() => setAsked(null)}
        onConfirm={() => cancel.mutate()}
        isPending={cancel.isPending}
        error={cancel.error}
      >
        {t('posts.ask.cancel.text')}
      </ConfirmDialog>
      <ConfirmDialog
        title={t('posts.ask.remove.title')}
        action={t('posts.action.remove')}
        isOpen={asked === 'remove'}
        onClose={() => setAsked(null)}
        onConfirm={() => remove.mutate()}
        isPending={remove.isPending}
        error={remove.error}
      >
        {t('posts.ask.remove.text')}
      </ConfirmDialog>
    </>
  )
}
