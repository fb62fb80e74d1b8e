/** What each channel says to the post, and what it costs: the server's verdict, before anything is saved. */
import { type ReactNode, useState } from 'react'
import { formatMoney, type Money } from '../../format.ts'
import { t } from '../../i18n.tsx'
import { Card } from '../../ui/Card.tsx'
import { Icon } from '../../ui/icons.tsx'
import { NetworkLogo } from '../../ui/NetworkBadge.tsx'
import { Skeleton } from '../../ui/Skeleton.tsx'
import type { Channel } from './content.ts'
import { CostOfAll } from './CostOfAll.tsx'
import { type DryRun, type DryRunState, problemsOf } from './dry-run.ts'
import { problemText } from './problem-text.ts'

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
            {groupsOf(channels, answer).map((group) => (
              <VerdictRow
                key={group.channels.map(({ id }) => id).join()}
                group={group}
                isRefused={problem !== null}
              />
            ))}
          </ul>
          {answer && <CostOfAll answer={answer} />}
        </div>
      )}
    </Card>
  )
}

/** Channels of one network that say the same. */
type Group = {
  network: string
  channels: Channel[]
  problems: Verdict['problems'] | null
  /** Whether the post goes out without the first comment it has elsewhere. */
  isWithoutComment: boolean
  costs: Money[]
  /** Where a link makes a difference, also to who has none yet. */
  linkCost: Verdict['linkCost']
}

/** Sixty channels must not say the same thing sixty times; what needs a person comes first. */
function groupsOf(channels: readonly Channel[], answer: DryRun | null): Group[] {
  const groups = new Map<string, Group>()
  for (const channel of channels) {
    const verdict = answer?.verdicts.find(({ channelId }) => channelId === channel.id)
    const problems = verdict ? problemsOf(verdict) : null
    const isWithoutComment = verdict?.comment?.isOffered === false
    const key = `${channel.network} ${isWithoutComment} ${JSON.stringify(problems)}`
    const group = groups.get(key) ?? {
      network: channel.network,
      channels: [],
      problems,
      isWithoutComment,
      costs: [],
      linkCost: verdict?.linkCost ?? null,
    }
    group.channels.push(channel)
    if (verdict?.cost) group.costs.push(verdict.cost)
    groups.set(key, group)
  }
  const isRefused = ({ problems }: Group) => Number(problems !== null && problems.length > 0)
  return [...groups.values()].toSorted((one, other) => isRefused(other) - isRefused(one))
}

/** What changed, in a word, for who listens: the list itself would be read out at every pause in writing. */
function Summary({ dryRun: { answer, problem, isFresh } }: { dryRun: DryRunState }): ReactNode {
  const refusing = answer?.verdicts.filter((verdict) => problemsOf(verdict).length > 0).length ?? 0
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

function VerdictRow({ group, isRefused }: { group: Group; isRefused: boolean }): ReactNode {
  const { problems } = group
  return (
    <li className="flex items-start gap-2.5 text-sm">
      <NetworkLogo network={group.network} size={22} />
      <div className="min-w-0 flex-1">
        <div className="flex items-baseline gap-3">
          <span className="min-w-0 flex-1 font-medium wrap-anywhere">{namesOf(group.channels)}</span>
          {problems?.length === 0 && (
            <span className="inline-flex shrink-0 items-center gap-1 text-success">
              <span className="self-center">
                <Icon name="success" size={16} />
              </span>
              {t('compose.verdict.fits')}
            </span>
          )}
          <Cost costs={group.costs} />
        </div>
        {group.linkCost && (
          <p className="text-muted tabular-nums">
            {t('compose.verdict.linkCost', {
              withLink: formatMoney(group.linkCost.withLink),
              withoutLink: formatMoney(group.linkCost.withoutLink),
            })}
          </p>
        )}
        {group.isWithoutComment && <p className="text-muted">{t('compose.verdict.withoutComment')}</p>}
        {problems === null && !isRefused && <Skeleton className="mt-1.5 h-3.5 w-32" />}
        {problems !== null && problems.length > 0 && (
          <ul className="flex flex-col gap-1">
            {problems.map((problem) => (
              <li key={problem.code + problem.message} className="flex items-start gap-1 text-danger">
                <span className="mt-0.5">
                  <Icon name="error" size={16} />
                </span>
                <span className="min-w-0 wrap-anywhere">{problemText(problem)}</span>
              </li>
            ))}
          </ul>
        )}
      </div>
    </li>
  )
}

const mostNames = 3

function namesOf(channels: readonly Channel[]): string {
  const names = channels.map(({ name }) => name)
  const shown = names.length > mostNames ? names.slice(0, mostNames - 1) : names
  const rest = names.length - shown.length
  return [...shown, ...(rest > 0 ? [t('compose.verdict.more', { count: rest })] : [])].join(', ')
}

function Cost({ costs }: { costs: readonly Money[] }): ReactNode {
  const [first] = costs
  if (!first) return null
  // Amounts have at most six decimals.
  const micros = costs.reduce((sum, { amount }) => sum + Math.round(Number(amount) * 1e6), 0)
  return (
    <span className="min-w-14 shrink-0 text-right text-muted tabular-nums">
      {micros === 0 ? t('compose.verdict.free') : formatMoney({ ...first, amount: String(micros / 1e6) })}
    </span>
  )
}
