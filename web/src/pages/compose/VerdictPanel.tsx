/** What each channel says to the post, and what it costs: the server's verdict, before anything is saved. */
import { type ReactNode, useState } from 'react'
import { formatMoney } from '../../format.ts'
import { hasText, t } from '../../i18n.tsx'
import { Card } from '../../ui/Card.tsx'
import { Icon } from '../../ui/icons.tsx'
import { NetworkLogo } from '../../ui/NetworkBadge.tsx'
import { Skeleton } from '../../ui/Skeleton.tsx'
import type { Channel } from './content.ts'
import type { DryRun, DryRunState } from './dry-run.ts'

type Verdict = DryRun['verdicts'][number]

export function VerdictPanel({
  channels,
  dryRun,
}: {
  channels: readonly Channel[]
  dryRun: DryRunState
}): ReactNode {
  const { answer, problem } = dryRun
  return (
    <Card
      title={t('compose.verdict.title')}
      description={channels.length === 0 ? t('compose.verdict.none') : undefined}
    >
      {channels.length > 0 && (
        <div className="flex flex-col gap-3">
          <Summary dryRun={dryRun} />
          {problem && (
            <p className="flex items-start gap-2 text-sm text-danger">
              <Icon name="error" size={18} />
              <span>
                {problem.title}. {problem.remedy}
              </span>
            </p>
          )}
          <ul className="flex flex-col gap-3">
            {inOrder(channels, answer).map((channel) => (
              <VerdictRow
                key={channel.id}
                channel={channel}
                isRefused={problem !== null}
                verdict={answer?.verdicts.find((one) => one.channelId === channel.id)}
              />
            ))}
          </ul>
          {answer && (
            <p className="flex justify-between gap-3 border-t border-line pt-3 text-sm">
              <span className="text-muted">{t('compose.verdict.total')}</span>
              <span className="font-medium tabular-nums">{formatMoney(answer.cost)}</span>
            </p>
          )}
        </div>
      )}
    </Card>
  )
}

/** What needs a person comes first. */
function inOrder(channels: readonly Channel[], answer: DryRun | null): readonly Channel[] {
  const isRefused = ({ id }: Channel) =>
    answer?.verdicts.some((verdict) => verdict.channelId === id && verdict.problems.length > 0) ?? false
  return channels.toSorted((one, other) => Number(isRefused(other)) - Number(isRefused(one)))
}

/** What changed, in a word, for who listens: the list itself would be read out at every pause in writing. */
function Summary({ dryRun: { answer, problem, isFresh } }: { dryRun: DryRunState }): ReactNode {
  const refusing = answer?.verdicts.filter((verdict) => verdict.problems.length > 0).length ?? 0
  const [said, setSaid] = useState('')
  const text = problem?.title ?? (answer === null ? '' : t('compose.verdict.summary', { count: refusing }))
  // An answer to what stood there a moment ago is not worth a word.
  if (isFresh && text !== said) setSaid(text)
  return (
    <p role="status" className="sr-only">
      {said}
    </p>
  )
}

type RowProps = { channel: Channel; verdict: Verdict | undefined; isRefused: boolean }

function VerdictRow({ channel, verdict, isRefused }: RowProps): ReactNode {
  const isFitting = verdict?.problems.length === 0
  return (
    <li className="flex items-start gap-2.5 text-sm">
      <NetworkLogo network={channel.network} size={22} />
      <div className="min-w-0 flex-1">
        <div className="flex items-baseline gap-3">
          <span className="min-w-0 flex-1 truncate font-medium">{channel.name}</span>
          {isFitting && (
            <span className="inline-flex shrink-0 items-center gap-1 self-center text-success">
              <Icon name="success" size={16} />
              {t('compose.verdict.fits')}
            </span>
          )}
          {verdict?.cost && (
            <span className="min-w-14 shrink-0 text-right text-muted tabular-nums">
              {Number(verdict.cost.amount) === 0 ? t('compose.verdict.free') : formatMoney(verdict.cost)}
            </span>
          )}
        </div>
        {verdict === undefined && !isRefused && <Skeleton className="mt-1.5 h-3.5 w-32" />}
        {verdict !== undefined && !isFitting && (
          <ul className="flex flex-col gap-1">
            {verdict.problems.map((problem) => (
              <li key={problem.code + problem.message} className="flex items-start gap-1 text-danger">
                <span className="mt-0.5">
                  <Icon name="error" size={16} />
                </span>
                <span className="min-w-0 wrap-anywhere">
                  {hasText(`verdict.${problem.code}`)
                    ? t(`verdict.${problem.code}`, problem.params)
                    : problem.message}
                </span>
              </li>
            ))}
          </ul>
        )}
      </div>
    </li>
  )
}
