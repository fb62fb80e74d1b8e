/** The bar at the bottom: what is done with the post, always in reach. */
import { useMutation } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { type ReactNode, useState } from 'react'
import { api, client, queryClient } from '../../api.ts'
import { formatMoney, useFormat } from '../../format.ts'
import { t } from '../../i18n.tsx'
import { asProblem, type Problem } from '../../problems.ts'
import { Banner } from '../../ui/Banner.tsx'
import { Button } from '../../ui/Button.tsx'
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx'
import { cx } from '../../ui/cx.ts'
import { linkClass } from '../../ui/Link.tsx'
import { ProblemBanner } from '../../ui/ProblemBanner.tsx'
import { toast } from '../../ui/toast.ts'
import { type Content, isEmpty, isUploading, type Post } from './content.ts'
import type { Saved } from './autosave.ts'
import { type DryRun, type DryRunState, problemsOf } from './dry-run.ts'

type Props = {
  content: Content
  post: Post | null
  save: () => Promise<Saved>
  /** Null while the server knows nothing of it. */
  savedId: string | null
  onDiscard: () => void
  isChanged: boolean
  isBlocked: boolean
  dryRun: DryRunState
}

export function FinishBar({
  content,
  post,
  save,
  savedId,
  onDiscard,
  isChanged,
  isBlocked,
  dryRun,
}: Props): ReactNode {
  const navigate = useNavigate()
  const [isDeleting, setDeleting] = useState(false)
  const isDraft = post === null || post.state === 'draft'
  const finish = useMutation({
    mutationFn: async () => {
      const { id, revision } = await save()
      if (!isDraft) return { id, text: t('compose.done.changed') }
      await client.posts.schedule({ id, revision, ...(content.at === null ? {} : { at: content.at }) })
      return { id, text: t(content.at === null ? 'compose.done.publishing' : 'compose.done.scheduled') }
    },
    onSuccess: async ({ id, text }) => {
      onDiscard()
      toast.done(text)
      await queryClient.invalidateQueries({ queryKey: api.posts.key() })
      await navigate({ to: '/posts/$postId', params: { postId: id }, ignoreBlocker: true })
    },
  })
  const remove = useMutation({
    mutationFn: async () => {
      if (savedId !== null) await client.posts.remove({ id: savedId })
    },
    onSuccess: async () => {
      onDiscard()
      toast.done(t('compose.done.deleted'))
      await queryClient.invalidateQueries({ queryKey: api.posts.key() })
      await navigate({ to: '/posts', ignoreBlocker: true })
    },
  })
  const reason = whyNot(content, dryRun)
  const isAboutChannels = reason !== null && reason === refusalOf(dryRun)
  const action = actionOf(isDraft, content.at)
  const { dateTime } = useFormat()
  return (
    <div className="fixed inset-x-0 bottom-0 z-30 border-t border-line bg-surface/95 backdrop-blur md:left-[14.5rem]">
      <div className="mx-auto flex max-w-6xl flex-col gap-3 px-4 py-3 md:px-8">
        {finish.error && <Refusal problem={asProblem(finish.error)} />}
        <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
          <p id="finish-reason" className="flex-1 basis-full text-sm text-muted sm:basis-0">
            {isAboutChannels ? (
              <button type="button" className={cx(linkClass, 'text-left')} onClick={showChecks}>
                {reason}
              </button>
            ) : (
              reason
            )}
            {reason === null && dryRun.answer && (
              <Outlook at={content.at} answer={dryRun.answer} when={dateTime} />
            )}
          </p>
          {isDraft && (post !== null || !isEmpty(content)) && (
            <Button
              variant="quiet"
              icon="trash"
              aria-label={t('compose.finish.delete')}
              onPress={() => setDeleting(true)}
            >
              <span className="max-sm:hidden">{t('compose.finish.delete')}</span>
            </Button>
          )}
          <Button
            variant="primary"
            className="max-sm:flex-1"
            icon={action === 'schedule' ? 'clock' : action === 'publish' ? 'send' : 'check'}
            aria-describedby="finish-reason"
            isPending={finish.isPending}
            isDisabled={isBlocked || reason !== null || (!isDraft && !isChanged)}
            onPress={() => finish.mutate()}
          >
            {t(`compose.finish.${action}`)}
          </Button>
        </div>
      </div>
      <ConfirmDialog
        title={t('compose.delete.title')}
        action={t('compose.finish.delete')}
        isOpen={isDeleting}
        onClose={() => setDeleting(false)}
        onConfirm={() => remove.mutate()}
        isPending={remove.isPending}
        error={remove.error}
      >
        {t('compose.delete.text')}
      </ConfirmDialog>
    </div>
  )
}

/** What channels refuse stands in the checks already, in better words than an error has. */
function Refusal({ problem }: { problem: Problem }): ReactNode {
  if (problem.code !== 'post_invalid') return <ProblemBanner problem={problem} issues={problem.issues} />
  return (
    <Banner tone="error" title={problem.title} isLive>
      {problem.remedy}
    </Banner>
  )
}

/** Without a time, what was scheduled goes out at once: the button must say so. */
function actionOf(isDraft: boolean, at: string | null): 'publish' | 'schedule' | 'change' {
  if (at === null) return 'publish'
  return isDraft ? 'schedule' : 'change'
}

type OutlookProps = { at: string | null; answer: DryRun; when: (instant: string) => string }

/** When it goes out, and what it costs. */
function Outlook({ at, answer, when }: OutlookProps): ReactNode {
  return (
    <>
      {at !== null && <span className="mr-3">{t('compose.finish.due', { at: when(answer.dueAt) })}</span>}{' '}
      <span className="tabular-nums">{t('compose.finish.cost', { cost: formatMoney(answer.cost) })}</span>
    </>
  )
}

/** Why the post cannot go out as it is; null where it can. */
function whyNot(content: Content, { answer, problem }: DryRunState): string | null {
  if (content.channelIds.length === 0) return t('compose.finish.noChannel')
  if (isEmpty(content)) return t('compose.finish.empty')
  if (isUploading(content)) return t('compose.finish.uploading')
  if (content.attachments.some((attachment) => attachment.upload.kind === 'failed'))
    return t('compose.finish.failedUpload')
  // Without an answer it may still fit; the server decides when it is sent.
  if (problem !== null) return problem.status >= 400 && problem.status < 500 ? problem.title : null
  return refusalOf({ answer })
}

function refusalOf({ answer }: Pick<DryRunState, 'answer'>): string | null {
  const refusing = answer?.verdicts.filter((verdict) => problemsOf(verdict).length > 0).length ?? 0
  return refusing > 0 ? t('compose.finish.problems', { count: refusing }) : null
}

/** On a phone they stand far below the text. */
function showChecks(): void {
  const checks = document.getElementById('checks')
  checks?.scrollIntoView({ block: 'center' })
  checks?.focus({ preventScroll: true })
}
