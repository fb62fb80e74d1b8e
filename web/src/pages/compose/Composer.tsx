/** The composer: content at the left, what becomes of it on each channel at the right. */
import { useSuspenseQueries } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { type ReactNode, useState } from 'react'
import { api, client } from '../../api.ts'
import { t } from '../../i18n.tsx'
import { useMay } from '../../session.ts'
import { Banner } from '../../ui/Banner.tsx'
import { Card } from '../../ui/Card.tsx'
import { EmptyState } from '../../ui/EmptyState.tsx'
import { ButtonLink } from '../../ui/Link.tsx'
import { PageHeader } from '../../ui/PageHeader.tsx'
import { toast } from '../../ui/toast.ts'
import { Attachments } from './Attachments.tsx'
import { useAutosave } from './autosave.ts'
import { ChannelPicker } from './ChannelPicker.tsx'
import { ConflictBanner } from './ConflictBanner.tsx'
import { type Attachment, type Content, contentOf, emptyContent, inputOf, type Post } from './content.ts'
import { FinishBar } from './FinishBar.tsx'
import { useLeaveGuard } from './leave-guard.ts'
import { maxAltLength } from './limits.ts'
import { Previews } from './Previews.tsx'
import { SaveMark } from './SaveMark.tsx'
import { SchedulePanel } from './SchedulePanel.tsx'
import { TextPanel } from './TextPanel.tsx'
import { useDryRun } from './dry-run.ts'
import { VerdictPanel } from './VerdictPanel.tsx'

type Props = {
  post: Post | null
  /** Wall time a new post begins with. */
  startAt: string | null
  onCreated: (id: string) => void
  /** The post as somebody else changed it takes the place of what is here. */
  onReplaced?: (latest: Post) => void
}

export function Composer({ post, startAt, onCreated, onReplaced }: Props): ReactNode {
  const [{ data: channelList }, { data: networkList }] = useSuspenseQueries({
    queries: [api.channels.list.queryOptions(), api.networks.list.queryOptions({ staleTime: Infinity })],
  })
  const mayWrite = useMay('editor')
  const navigate = useNavigate()
  const [content, setContent] = useState<Content>(() =>
    post === null ? { ...emptyContent, at: startAt } : contentOf(post),
  )
  const isDraft = post === null || post.state === 'draft'
  const { state, save, isChanged, isStored } = useAutosave({
    post,
    content,
    isAutomatic: isDraft && mayWrite,
    onCreated,
  })
  const dryRun = useDryRun(content)
  useLeaveGuard(isChanged)

  const change = (part: Partial<Content>) => setContent((before) => ({ ...before, ...part }))
  const changeAttachments = (edit: (before: readonly Attachment[]) => readonly Attachment[]) =>
    setContent((before) => ({ ...before, attachments: edit(before.attachments) }))
  const channels = channelList.items
  const chosen = content.channelIds.flatMap((id) => channels.find((channel) => channel.id === id) ?? [])
  const networkOf = (id: string) => networkList.items.find((network) => network.id === id)
  const networks = [...new Set(chosen.map((channel) => channel.network))].flatMap((id) => networkOf(id) ?? [])

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
            hasContent={isStored || isChanged || state.kind !== 'saved'}
            onRetry={() => void save().catch(() => undefined)}
          />
        }
      />
      <div className="flex flex-col gap-4 pb-24">
        {!mayWrite && <Banner tone="info">{t('compose.readOnly')}</Banner>}
        {!isDraft && <Banner tone="info">{t('compose.scheduledHint')}</Banner>}
        {state.kind === 'conflict' && (
          <ConflictBanner
            problem={state.problem}
            onTakeTheirs={() => {
              if (post !== null || state.kind === 'conflict') void takeTheirs(post?.id, onReplaced)
            }}
            onKeepMine={async () => {
              const copy = await client.posts.create({ ...inputOf(content), draft: true })
              toast.done(t('compose.conflict.copied'))
              // Another post: it is loaded as any draft is.
              await navigate({ to: '/compose/{-$postId}', params: { postId: copy.id }, ignoreBlocker: true })
            }}
          />
        )}
        <div className="grid items-start gap-5 lg:grid-cols-[minmax(0,1fr)_22rem] xl:grid-cols-[minmax(0,1fr)_25rem]">
          <div className="flex min-w-0 flex-col gap-5">
            <ChannelPicker
              channels={channels}
              chosen={content.channelIds}
              onChange={(channelIds) => change({ channelIds })}
            />
            <TextPanel content={content} channels={chosen} networkOf={networkOf} onChange={change} />
            <Attachments
              attachments={content.attachments}
              maxAltLength={maxAltLength(networks)}
              types={acceptedTypes(networks.length > 0 ? networks : networkList.items)}
              onChange={changeAttachments}
            />
            <SchedulePanel at={content.at} onChange={(at) => change({ at })} />
          </div>
          <aside aria-label={t('compose.side')} className="flex min-w-0 flex-col gap-5 lg:sticky lg:top-20">
            <VerdictPanel channels={chosen} dryRun={dryRun} />
            <Card title={t('compose.preview.title')}>
              <Previews content={content} channels={chosen} networkOf={networkOf} />
            </Card>
          </aside>
        </div>
      </div>
      <FinishBar
        content={content}
        post={post}
        save={save}
        isChanged={isChanged}
        isBlocked={state.kind === 'conflict' || !mayWrite}
        dryRun={dryRun}
      />
    </>
  )
}

async function takeTheirs(id: string | undefined, onReplaced: Props['onReplaced']): Promise<void> {
  if (id === undefined || !onReplaced) return location.reload()
  onReplaced(await client.posts.show({ id }))
}

function acceptedTypes(networks: ReadonlyArray<{ images: { value: { types: string[] } } }>): string[] {
  return [...new Set(networks.flatMap((network) => network.images.value.types))]
}

function NoChannels(): ReactNode {
  return (
    <>
      <PageHeader title={t('compose.title.new')} />
      <EmptyState
        icon="plug"
        title={t('compose.noChannels.title')}
        action={
          <ButtonLink variant="primary" to="/connections/new">
            {t('compose.noChannels.action')}
          </ButtonLink>
        }
      >
        {t('compose.noChannels.text')}
      </EmptyState>
    </>
  )
}
