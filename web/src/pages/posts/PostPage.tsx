/** One post: what it says, what became of it on each channel, and how popular it is. */
import { useSuspenseQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { lazy, type ReactNode, Suspense } from 'react'
import { api } from '../../api.ts'
import { useFormat } from '../../format.ts'
import { t } from '../../i18n.tsx'
import { Card } from '../../ui/Card.tsx'
import { Link } from '../../ui/Link.tsx'
import { PageHeader } from '../../ui/PageHeader.tsx'
import { Skeleton } from '../../ui/Skeleton.tsx'
import { previewUrl } from '../../preview-url.ts'
import { DeliveryRow } from './DeliveryRow.tsx'
import { PostActions } from './PostActions.tsx'
import { lookAgainMs } from './rhythm.ts'
import { excerpt, type Post, PostState } from './states.tsx'

// The charts come when there is something to draw.
const Popularity = lazy(async () => ({ default: (await import('./Popularity.tsx')).Popularity }))

export function PostPage(): ReactNode {
  const { postId } = useParams({ from: '/shell/posts/$postId' })
  const { data: post } = useSuspenseQuery({
    ...api.posts.show.queryOptions({ input: { id: postId } }),
    refetchInterval: ({ state: { data } }) => data !== undefined && lookAgainMs(data, Date.now()),
  })
  const { dateTime } = useFormat()
  return (
    <>
      <PageHeader
        title={excerpt(post, 70)}
        back={
          <Link to="/posts" search={{}}>
            {t('posts.back')}
          </Link>
        }
        description={
          <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
            <PostState state={post.state} />
            {post.dueAt !== null && <span>{dateTime(post.dueAt)}</span>}
            {post.createdBy && <span>{t('posts.by', { name: post.createdBy.name })}</span>}
          </span>
        }
        actions={<PostActions post={post} />}
      />
      <div className="flex flex-col gap-5">
        {post.deliveries.length > 0 && (
          <Card title={t('posts.deliveries.title')} isFlush>
            <ul className="divide-y divide-line">
              {post.deliveries.map((delivery) => (
                <DeliveryRow key={delivery.id} delivery={delivery} />
              ))}
            </ul>
          </Card>
        )}
        {post.deliveries.some((delivery) => delivery.state === 'published') && (
          <Suspense fallback={<Skeleton className="h-72" />}>
            <Popularity post={post} />
          </Suspense>
        )}
        <ContentCard post={post} />
      </div>
    </>
  )
}

function ContentCard({ post }: { post: Post }): ReactNode {
  const nameOf = (channelId: string) =>
    post.deliveries.find((delivery) => delivery.channelId === channelId)?.channelName
  return (
    <Card title={t('posts.content.title')}>
      <div className="flex flex-col gap-4">
        {post.text === '' ? (
          <p className="text-muted">{t('posts.noText')}</p>
        ) : (
          <p className="max-w-prose whitespace-pre-wrap wrap-anywhere">{post.text}</p>
        )}
        {Object.entries(post.variants).map(([channelId, text]) => (
          <div key={channelId} className="rounded-lg bg-sunken p-3">
            <p className="mb-1 text-sm font-medium">
              {t('posts.content.variant', { channel: nameOf(channelId) ?? t('posts.content.aChannel') })}
            </p>
            <p className="max-w-prose whitespace-pre-wrap wrap-anywhere">{text}</p>
          </div>
        ))}
        {post.firstComment !== '' && <Comment title={t('posts.comment.title')} text={post.firstComment} />}
        {Object.entries(post.firstComments).map(([channelId, text]) => (
          <Comment
            key={channelId}
            title={t('posts.comment.variant', {
              channel: nameOf(channelId) ?? t('posts.content.aChannel'),
            })}
            text={text === '' ? t('posts.comment.none') : text}
          />
        ))}
        {post.attachments.length > 0 && (
          <ul className="flex flex-wrap gap-3">
            {post.attachments.map((file, index) => (
              // oxlint-disable-next-line react/no-array-index-key -- the same picture may be attached twice
              <li key={`${file.mediaFileId}-${index}`} className="w-40">
                <img
                  src={previewUrl(file.mediaFileId, 320)}
                  alt={file.altText}
                  className="h-32 w-full rounded-lg bg-sunken object-contain"
                />
                {/* Screen readers have it from the picture. */}
                <p
                  aria-hidden={file.altText !== ''}
                  className="mt-1 line-clamp-3 text-xs text-muted wrap-anywhere"
                >
                  {file.altText === '' ? t('posts.content.noAlt') : file.altText}
                </p>
              </li>
            ))}
          </ul>
        )}
      </div>
    </Card>
  )
}

function Comment({ title, text }: { title: string; text: string }): ReactNode {
  return (
    <div className="border-s-2 border-line ps-3.5">
      <p className="mb-1 text-sm font-medium">{title}</p>
      <p className="max-w-prose whitespace-pre-wrap wrap-anywhere">{text}</p>
    </div>
  )
}
