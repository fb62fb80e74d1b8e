/** The receipt of one delivery: what was sent, when, in which attempts, and what it cost. */
import { useSuspenseQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { api, type Client, type Output, pollWhile } from '../../api.ts'
import { useFormat } from '../../format.ts'
import { hasText, t } from '../../i18n.tsx'
import { Card } from '../../ui/Card.tsx'
import { ExternalLink, Link } from '../../ui/Link.tsx'
import { NetworkBadge } from '../../ui/NetworkBadge.tsx'
import { PageHeader } from '../../ui/PageHeader.tsx'
import { previewUrl } from '../../preview-url.ts'
import { CommentLine } from './CommentLine.tsx'
import { DeliveryActions } from './DeliveryActions.tsx'
import { Explanation } from './Explanation.tsx'
import { movesByItself } from './rhythm.ts'
import { DeliveryState } from './states.tsx'

type Receipt = Output<Client['deliveries']['show']>

export function DeliveryPage(): ReactNode {
  const { deliveryId } = useParams({ from: '/shell/deliveries/$deliveryId' })
  const { data: receipt } = useSuspenseQuery({
    ...api.deliveries.show.queryOptions({ input: { id: deliveryId } }),
    refetchInterval: pollWhile(({ delivery }) => movesByItself(delivery), 5_000),
  })
  const { data: networks } = useSuspenseQuery(api.networks.list.queryOptions({ staleTime: Infinity }))
  const { delivery } = receipt
  const network = networks.items.find(({ id }) => id === delivery.network)
  return (
    <>
      <PageHeader
        title={t(delivery.parentId === null ? 'posts.receipt.title' : 'posts.comment.receiptTitle', {
          channel: delivery.channelName,
        })}
        back={
          <Link to="/posts/$postId" params={{ postId: delivery.postId }}>
            {t('posts.receipt.back')}
          </Link>
        }
        description={
          <span className="flex flex-wrap items-center gap-3">
            <NetworkBadge
              network={delivery.network}
              name={network?.name ?? delivery.network}
              isSandbox={delivery.sandbox}
              size="small"
            />
            <DeliveryState delivery={delivery} />
            {delivery.url !== null && delivery.removedAt === null && (
              <ExternalLink href={delivery.url}>{t('posts.delivery.open')}</ExternalLink>
            )}
          </span>
        }
      />
      <div className="flex flex-col gap-5">
        <Explanation delivery={delivery} network={network?.name ?? delivery.network} />
        <DeliveryActions
          delivery={delivery}
          canDelete={delivery.parentId !== null || (network?.canDelete ?? false)}
          text={receipt.sent.text}
        />
        <CommentLine post={delivery} network={network?.name ?? delivery.network} />
        <Facts receipt={receipt} />
        <Sent receipt={receipt} />
        <Attempts attempts={receipt.attempts} />
        <Charges receipt={receipt} />
      </div>
    </>
  )
}

function Facts({ receipt }: { receipt: Receipt }): ReactNode {
  const { exact } = useFormat()
  const { delivery } = receipt
  const rows: Array<[string, ReactNode]> = [
    [t('posts.receipt.due'), exact(delivery.dueAt)],
    [t('posts.receipt.started'), receipt.startedAt && exact(receipt.startedAt)],
    [t('posts.receipt.sent'), receipt.sentAt && exact(receipt.sentAt)],
    [t('posts.receipt.published'), delivery.publishedAt && exact(delivery.publishedAt)],
    [t('posts.receipt.removed'), delivery.removedAt && exact(delivery.removedAt)],
    [t('posts.receipt.next'), delivery.nextAt && exact(delivery.nextAt)],
    [t('posts.receipt.remoteId'), delivery.remoteId],
    [t('posts.receipt.id'), delivery.id],
    [t('posts.receipt.fingerprint'), receipt.fingerprint],
  ]
  return (
    <Card title={t('posts.receipt.facts')}>
      <dl className="grid gap-x-6 gap-y-2 text-sm sm:grid-cols-[max-content_minmax(0,1fr)]">
        {rows
          .filter(([, value]) => value !== null && value !== '')
          .map(([name, value]) => (
            <div key={name} className="contents">
              <dt className="text-muted">{name}</dt>
              <dd className="wrap-anywhere tabular-nums">{value}</dd>
            </div>
          ))}
      </dl>
    </Card>
  )
}

function Sent({ receipt }: { receipt: Receipt }): ReactNode {
  const { sent } = receipt
  return (
    <Card title={t(receipt.sentAt === null ? 'posts.receipt.toBeSent' : 'posts.receipt.whatWasSent')}>
      <div className="flex flex-col gap-3">
        <p className="max-w-prose whitespace-pre-wrap wrap-anywhere">
          {sent.text === '' ? <span className="text-muted">{t('posts.noText')}</span> : sent.text}
        </p>
        {sent.link !== null && <ExternalLink href={sent.link}>{sent.link}</ExternalLink>}
        {sent.attachments.length > 0 && (
          <ul className="flex flex-wrap gap-3">
            {sent.attachments.map((file, index) => (
              // oxlint-disable-next-line react/no-array-index-key -- the same picture may be attached twice
              <li key={`${file.mediaFileId}-${index}`} className="w-36">
                <img
                  src={previewUrl(file.mediaFileId, 320)}
                  alt={file.altText}
                  className="h-28 w-full rounded-lg bg-sunken object-contain"
                />
                {/* Screen readers have it from the picture. */}
                <p aria-hidden={file.altText !== ''} className="mt-1 text-xs text-muted wrap-anywhere">
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

function Attempts({ attempts }: { attempts: Receipt['attempts'] }): ReactNode {
  const { exact } = useFormat()
  if (attempts.length === 0) return null
  return (
    <Card title={t('posts.receipt.attempts')} isFlush>
      <ol className="divide-y divide-line text-sm">
        {attempts.map((attempt) => (
          <li key={attempt.number} className="flex flex-wrap gap-x-4 gap-y-1 px-5 py-3">
            <span className="w-52 shrink-0 text-muted tabular-nums">{exact(attempt.startedAt)}</span>
            <span className="font-medium">{outcomeText(attempt.outcome)}</span>
            {attempt.detail !== null && (
              <span className="min-w-0 grow basis-60 text-muted wrap-anywhere">{attempt.detail}</span>
            )}
          </li>
        ))}
      </ol>
    </Card>
  )
}

function outcomeText(outcome: string | null): string {
  if (outcome === null) return t('posts.outcome.running')
  return hasText(`posts.outcome.${outcome}`) ? t(`posts.outcome.${outcome}`) : outcome
}

/** Calls of one kind together: figures alone are read many times. */
function Charges({ receipt }: { receipt: Receipt }): ReactNode {
  const { money, number } = useFormat()
  const rows = sumsOf(receipt.charges)
  const total = { ...receipt.delivery.cost, amount: sumOf(receipt.charges) }
  return (
    <Card
      title={t('posts.receipt.charges')}
      actions={<span className="font-medium tabular-nums">{money(total)}</span>}
      isFlush
    >
      {rows.length === 0 ? (
        <p className="px-5 py-4 text-sm text-muted">{t('posts.receipt.free')}</p>
      ) : (
        <ul className="divide-y divide-line text-sm">
          {rows.map(({ endpointClass, count, ...sum }) => (
            <li key={endpointClass} className="flex flex-wrap justify-between gap-x-4 gap-y-1 px-5 py-2.5">
              <span className="min-w-0 flex-1">{chargeText(endpointClass)}</span>
              <span className="text-muted tabular-nums">{number(count)} ×</span>
              <span className="min-w-20 text-right tabular-nums">{money(sum)}</span>
            </li>
          ))}
        </ul>
      )}
    </Card>
  )
}

type Charge = Receipt['charges'][number]

function sumsOf(charges: readonly Charge[]) {
  return [...Map.groupBy(charges, ({ endpointClass }) => endpointClass)].map(([endpointClass, group]) => ({
    endpointClass,
    count: group.length,
    amount: sumOf(group),
    currency: group[0]?.currency ?? '',
  }))
}

/** Amounts have at most six decimals. */
function sumOf(charges: readonly Charge[]): string {
  return String(charges.reduce((sum, { amount }) => sum + Math.round(Number(amount) * 1e6), 0) / 1e6)
}

function chargeText(endpointClass: string): string {
  const id = `posts.charge.${endpointClass.replaceAll('.', '-')}`
  return hasText(id) ? t(id) : endpointClass
}
