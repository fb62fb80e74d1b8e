/** The composer: content at the left, what becomes of it on each channel at the right. */
import { useSuspenseQueries } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { lazy, type ReactNode, Suspense, useEffect, useState } from 'react'
import { api, client } from '../../api.ts'
import { t } from '../../i18n.tsx'
import { useMay, useMe } from '../../session.ts'
import { Banner } from '../../ui/Banner.tsx'
import { Button } from '../../ui/Button.tsx'
import { Card } from '../../ui/Card.tsx'
import { EmptyState } from '../../ui/EmptyState.tsx'
import { ButtonLink } from '../../ui/Link.tsx'
import { PageHeader } from '../../ui/PageHeader.tsx'
import { Skeleton } from '../../ui/Skeleton.tsx'
import { toast } from '../../ui/toast.ts'
import { Attachments } from './Attachments.tsx'
import { useAutosave } from './autosave.ts'
import { ChannelPicker } from './ChannelPicker.tsx'
import { CommentPanel } from './CommentPanel.tsx'
import { ConflictBanner } from './ConflictBanner.tsx'
import {
  type Attachment,
  type Content,
  contentOf,
  emptyContent,
  inputOf,
  isUploading,
  markOf,
  type Post,
} from './content.ts'
import { useDryRun, withoutComment } from './dry-run.ts'
import { FinishBar } from './FinishBar.tsx'
import { LeaveGuard } from './LeaveGuard.tsx'
import { maxAltLength, rulesFor } from './limits.ts'
import { SaveMark } from './SaveMark.tsx'
import { SchedulePanel } from './SchedulePanel.tsx'
import { TextPanel } from './TextPanel.tsx'
import { type PendingCreate, unsavedOf } from './unsaved.ts'
import { VerdictPanel } from './VerdictPanel.tsx'

// What is drawn beside the text comes after the text can be written.
const Previews = lazy(async () => ({ default: (await import('./Previews.tsx')).Previews }))

type Props = {
  post: Post | null
  /** Wall time a new post begins with. */
  startAt: string | null
  onCreated: (id: string) => void
  /** Begins anew with what the server has. */
  onReload: () => void
}

export function Composer({ post, startAt, onCreated, onReload }: Props): ReactNode {
  const [{ data: channelList }, { data: networkList }] = useSuspenseQueries({
    queries: [api.channels.list.queryOptions(), api.networks.list.queryOptions({ staleTime: Infinity })],
  })
  const { id: memberId } = useMe().member
  const navigate = useNavigate()
  const [start] = useState(() => startOf(post, startAt, memberId))
  const [isRestored, setRestored] = useState(start.isRestored)
  const [content, setContent] = useState<Content>(start.content)
  const isDraft = post === null || post.state === 'draft'
  const { state, save, discard, isUnsaved, savedId } = useAutosave({
    post,
    revision: start.revision,
    create: start.create,
    content,
    memberId,
    isAutomatic: isDraft,
    onCreated,
  })
  const dryRun = useDryRun(content)
  useEffect(fetchLaterParts, [])

  const change = (part: Partial<Content>) => setContent((before) => ({ ...before, ...part }))
  const changeAttachments = (edit: (before: readonly Attachment[]) => readonly Attachment[]) =>
    setContent((before) => ({ ...before, attachments: edit(before.attachments) }))
  const reload = () => {
    discard()
    if (savedId === null) {
      setContent(emptyContent)
      setRestored(false)
    } else onReload()
  }
  const keepMine = async () => {
    const copy = await client.posts.create({ ...inputOf(content), draft: true })
    discard()
    toast.done(t('compose.conflict.copied'))
    await navigate({ to: '/compose/{-$postId}', params: { postId: copy.id }, ignoreBlocker: true })
  }
  /** Whether nothing would be lost. */
  const saveBeforeLeaving = async () => {
    if (isUploading(content)) return false
    if (!isUnsaved) return true
    if (!isDraft || state.kind === 'conflict') return false
    return await save().then(
      () => true,
      () => false,
    )
  }
  const channels = channelList.items
  const chosen = content.channelIds.flatMap((id) => channels.find((channel) => channel.id === id) ?? [])
  const networkOf = (id: string) => networkList.items.find((network) => network.id === id)
  const networks = rulesFor(chosen, networkOf)

  if (channels.length === 0) return <NoChannels />
  return (
    <>
      <PageHeader
        title={
          post === null ? t('compose.title.new') : t(isDraft ? 'compose.title.draft' : 'compose.title.edit')
        }
        actions={
          <SaveMark
            state={state}
            isDraft={isDraft}
            hasContent={post !== null || isUnsaved || savedId !== null}
            onRetry={() => void save().catch(() => undefined)}
          />
        }
      />
      <div className="flex flex-col gap-4 pb-24">
        {!isDraft && <Banner tone="info">{t('compose.scheduledHint')}</Banner>}
        {isRestored && state.kind !== 'conflict' && (
          <Banner
            tone="success"
            isLive
            action={
              <>
                <Button size="small" variant="quiet" onPress={reload}>
                  {t('compose.restored.discard')}
                </Button>
                <Button size="small" onPress={() => setRestored(false)}>
                  {t('compose.restored.keep')}
                </Button>
              </>
            }
          >
            {t('compose.restored.text')}
          </Banner>
        )}
        {state.kind === 'conflict' && (
          <ConflictBanner theirs={state.theirs} onTakeTheirs={reload} onKeepMine={keepMine} />
        )}
        {chosen.length < content.channelIds.length && (
          <Banner
            tone="warning"
            action={
              <Button size="small" onPress={() => change({ channelIds: chosen.map(({ id }) => id) })}>
                {t('compose.gone.action')}
              </Button>
            }
          >
            {t('compose.gone.text', { count: content.channelIds.length - chosen.length })}
          </Banner>
        )}
        <div className="grid items-start gap-5 lg:grid-cols-[minmax(0,1fr)_22rem] xl:grid-cols-[minmax(0,1fr)_25rem]">
          <div className="flex min-w-0 flex-col gap-5">
            <ChannelPicker
              channels={channels}
              chosen={content.channelIds}
              nameOf={(id) => networkOf(id)?.name ?? id}
              onChange={(channelIds) => change({ channelIds })}
            />
            <TextPanel content={content} channels={chosen} networkOf={networkOf} onChange={change} />
            <CommentPanel
              content={content}
              channels={chosen}
              networkOf={networkOf}
              without={withoutComment(dryRun)}
              onChange={change}
            />
            <Attachments
              attachments={content.attachments}
              maxAltLength={maxAltLength(networks)}
              postText={content.text}
              types={acceptedTypes(networks.length > 0 ? networks : networkList.items)}
              onChange={changeAttachments}
            />
            <SchedulePanel
              at={content.at}
              problem={dryRun.problem?.code.startsWith('due_') ? dryRun.problem : null}
              onChange={(at) => change({ at })}
            />
          </div>
          <aside
            aria-label={t('compose.side')}
            className="min-w-0 space-y-5 lg:sticky lg:top-20 lg:max-h-[calc(100dvh-10.5rem)] lg:overflow-y-auto lg:rounded-xl lg:pb-1"
          >
            <div id="checks" tabIndex={-1} className="rounded-xl outline-none">
              <VerdictPanel channels={chosen} dryRun={dryRun} />
            </div>
            <Card title={t('compose.preview.title')}>
              <Suspense fallback={<Skeleton className="h-48" />}>
                <Previews content={content} channels={chosen} networkOf={networkOf} />
              </Suspense>
            </Card>
          </aside>
        </div>
      </div>
      <FinishBar
        content={content}
        post={post}
        save={save}
        savedId={savedId}
        onDiscard={discard}
        isChanged={isUnsaved}
        isBlocked={state.kind === 'conflict'}
        dryRun={dryRun}
      />
      <LeaveGuard
        isUnsaved={isUnsaved || isUploading(content)}
        onSave={saveBeforeLeaving}
        onDiscard={discard}
      />
    </>
  )
}

/** So that leaving, a time and pictures can be seen to even while the server is away. */
function fetchLaterParts(): () => void {
  const wait = setTimeout(() => {
    const parts = [
      import('../../ui/DialogWindow.tsx'),
      import('../../ui/WallTimePicker.tsx'),
      import('./AttachmentCard.tsx'),
      import('./upload.ts'),
    ]
    for (const part of parts) part.catch(() => undefined)
  }, 200)
  return () => clearTimeout(wait)
}

type Start = { content: Content; revision: number; create: PendingCreate | null; isRestored: boolean }

/** What the server has, or what did not reach it when the page was left. */
function startOf(post: Post | null, startAt: string | null, memberId: string): Start {
  const known = post === null ? { ...emptyContent, at: startAt } : contentOf(post)
  const unsaved = unsavedOf(memberId, post?.id ?? null)
  if (unsaved === null || markOf(unsaved.content) === markOf(known))
    return { content: known, revision: post?.revision ?? 0, create: null, isRestored: false }
  return { ...unsaved, isRestored: true }
}

function acceptedTypes(networks: ReadonlyArray<{ images: { value: { types: string[] } } }>): string[] {
  return [...new Set(networks.flatMap((network) => network.images.value.types))]
}

function NoChannels(): ReactNode {
  const mayConnect = useMay('admin')
  return (
    <>
      <PageHeader title={t('compose.title.new')} />
      <EmptyState
        icon="plug"
        title={t('compose.noChannels.title')}
        action={
          mayConnect && (
            <ButtonLink variant="primary" to="/connections/new">
              {t('compose.noChannels.action')}
            </ButtonLink>
          )
        }
      >
        {t(mayConnect ? 'compose.noChannels.text' : 'connections.needsAdmin')}
      </EmptyState>
    </>
  )
}
