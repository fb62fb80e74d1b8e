/** One claimed delivery to its next state: publish it, or find out what became of it. */
import { createHash, randomUUID } from 'node:crypto'
import {
  afterOutcome,
  backoff,
  type DeliveryChange,
  type FindOutcome,
  type PublishOutcome,
} from '#domain/delivery.ts'
import { LitfassError } from '#domain/errors.ts'
import type { ChannelAccess, DeliveryPayload, Network, Steps, VerbContext } from '#networks/contract.ts'
import type { ClaimedDelivery, Intent } from '#storage/deliveries.ts'

/** What the engine needs to act for a channel. */
export type OpenedChannel = { network: Network; context: VerbContext; access: ChannelAccess }

export type DeliverPorts = {
  now: () => Date
  random: () => number
  /** Throws `LitfassError` where the channel cannot be used. */
  openChannel: (delivery: ClaimedDelivery) => Promise<OpenedChannel>
  openPayload: (delivery: ClaimedDelivery) => Promise<DeliveryPayload>
  /** Commits the intent. False: another worker took the delivery over. */
  intend: (intent: Intent) => Promise<boolean>
  remember: (delivery: ClaimedDelivery, name: string, value: unknown) => Promise<boolean>
  isOurs: (delivery: ClaimedDelivery, remoteId: string) => Promise<boolean>
}

export type Delivered = {
  change: DeliveryChange
  outcome: string
  detail: string | null
  emptyReads: number
  countsAsAttempt: boolean
}

/** Thrown into a verb when its claim is lost; nothing may be sent or written any more. */
export class Fenced extends Error {
  override name = 'Fenced'
}

/** How long a visible request may take, and so how long a take-over must wait. Milliseconds. */
export const visibleDeadlineMs = 30_000

/** After this many sends whose answers were all lost and that never showed up, a person decides. */
const maxSends = 3

/** Runs one claimed delivery. Returns null where the claim was lost. */
export async function deliver(delivery: ClaimedDelivery, ports: DeliverPorts): Promise<Delivered | null> {
  try {
    return delivery.state === 'unsure' ? await reconcile(delivery, ports) : await publish(delivery, ports)
  } catch (cause) {
    if (cause instanceof Fenced) return null
    throw cause
  }
}

async function publish(delivery: ClaimedDelivery, ports: DeliverPorts): Promise<Delivered> {
  let didIntend = false
  let outcome: PublishOutcome
  try {
    const { network, context, access } = await ports.openChannel(delivery)
    const payload = await ports.openPayload(delivery)
    const steps = stepsOf(delivery, payload, ports, () => {
      didIntend = true
    })
    outcome = await network.publish(context, { channel: access, payload, steps })
  } catch (cause) {
    if (cause instanceof Fenced) throw cause
    outcome = outcomeOfError(cause, didIntend)
  }
  const current = { ...delivery, state: didIntend ? ('sending' as const) : delivery.state }
  return {
    change: afterOutcome(current, outcome, ports.now(), ports.random()),
    outcome: outcome.kind,
    detail: 'reason' in outcome ? outcome.reason.message : null,
    emptyReads: 0,
    countsAsAttempt: outcome.kind !== 'processing',
  }
}

/** A bug or an unusable channel. After the intent nothing is known, so it may never become a plain retry. */
function outcomeOfError(cause: unknown, didIntend: boolean): PublishOutcome {
  const message = cause instanceof Error ? cause.message : String(cause)
  if (didIntend) return { kind: 'unsure', reason: { code: 'internal_error', message } }
  if (cause instanceof LitfassError) {
    const fix =
      cause.code === 'connection_expired' || cause.code === 'channel_unavailable' ? 'reauthorise' : 'user'
    return {
      kind: 'refused',
      fix,
      reason: { code: cause.code, message: `${cause.message}. ${cause.remedy}` },
    }
  }
  return { kind: 'networkDown', reason: { code: 'internal_error', message } }
}

function stepsOf(
  delivery: ClaimedDelivery,
  payload: DeliveryPayload,
  ports: DeliverPorts,
  onIntent: () => void,
): Steps {
  const memory = new Map(Object.entries(delivery.memory))
  const write = async (name: string, value: unknown) => {
    if (!(await ports.remember(delivery, name, value))) throw new Fenced()
  }
  return {
    recall: <T>(name: string) => memory.get(name) as T | undefined,
    step: async <T>(name: string, run: () => Promise<T>) => {
      if (memory.has(name)) return memory.get(name) as T
      const value = await run()
      await write(name, value)
      memory.set(name, value)
      return value
    },
    forget: async (name) => {
      await write(name, undefined)
      memory.delete(name)
    },
    visible: async (name, run) => {
      const sentAt = ports.now()
      const intent: Intent = {
        id: delivery.id,
        token: delivery.token,
        operationId: `${name}:${randomUUID()}`,
        fingerprint: fingerprint(payload),
        sentAt,
        deadlineAt: new Date(sentAt.getTime() + visibleDeadlineMs),
      }
      if (!(await ports.intend(intent))) throw new Fenced()
      onIntent()
      return run()
    },
  }
}

/** What goes out, as one digest: text, link and the images' bytes by id and alt text. */
export function fingerprint(payload: DeliveryPayload): string {
  const images = payload.images.map((image) => [image.mediaFileId, image.altText])
  return createHash('sha256')
    .update(JSON.stringify([payload.text, payload.link ?? null, images]))
    .digest('hex')
}

/**
 * Finds out what became of a request whose answer is lost. Nothing is sent.
 *
 * Absence is believed only after the definition's number of empty reads, none of them before the request's
 * deadline plus the network's settling time.
 */
async function reconcile(delivery: ClaimedDelivery, ports: DeliverPorts): Promise<Delivered> {
  const { network, context, access } = await ports.openChannel(delivery)
  const rules = network.definition.find.value
  const sentAt = delivery.sentAt ?? delivery.dueAt
  const deadlineAt = delivery.deadlineAt ?? sentAt
  const payload = await ports.openPayload(delivery)
  const steps = stepsOf(delivery, payload, ports, () => {})
  const found = await look(() =>
    network.find(context, {
      channel: access,
      payload,
      steps,
      sentAt,
      deadlineAt,
      isOurs: (remoteId) => ports.isOurs(delivery, remoteId),
    }),
  )
  const now = ports.now()
  if (found.kind === 'found') {
    const { kind: _, ...live } = found
    return delivered({ state: 'published', nextAt: null, ...live }, 'found', null, delivery.emptyReads)
  }
  const isSettled = now.getTime() >= deadlineAt.getTime() + rules.settleSeconds * 1_000
  const emptyReads = delivery.emptyReads + (found.kind === 'absent' && isSettled ? 1 : 0)
  if (emptyReads >= rules.emptyReads && delivery.attempts >= maxSends) {
    const reason = { code: 'keeps_vanishing', message: 'Sent several times and never seen on the network.' }
    return delivered({ state: 'unsure', nextAt: null, reason }, 'absent', reason.message, emptyReads)
  }
  if (emptyReads >= rules.emptyReads) {
    return delivered(
      { state: 'waiting', nextAt: now },
      'absent',
      'It is not on the network; sending again.',
      0,
    )
  }
  const giveUpAt = deadlineAt.getTime() + Math.max(rules.windowSeconds, 600) * 1_000
  const reason =
    found.kind === 'unknown'
      ? found.reason
      : { code: 'not_seen_yet', message: 'Not seen on the network yet.' }
  const nextAt =
    now.getTime() > giveUpAt
      ? null
      : nextLook(now, deadlineAt, rules.settleSeconds, emptyReads, ports.random())
  return delivered({ state: 'unsure', nextAt, reason }, found.kind, reason.message, emptyReads)
}

function delivered(
  change: DeliveryChange,
  outcome: string,
  detail: string | null,
  emptyReads: number,
): Delivered {
  return { change, outcome, detail, emptyReads, countsAsAttempt: true }
}

async function look(find: () => Promise<FindOutcome>): Promise<FindOutcome> {
  try {
    return await find()
  } catch (cause) {
    if (cause instanceof Fenced) throw cause
    return {
      kind: 'unknown',
      reason: { code: 'read_failed', message: cause instanceof Error ? cause.message : String(cause) },
    }
  }
}

/** Soon at first, because most lost answers are found at once; then by the settling time. */
function nextLook(
  now: Date,
  deadlineAt: Date,
  settleSeconds: number,
  emptyReads: number,
  random: number,
): Date {
  if (now < deadlineAt) return new Date(now.getTime() + 5_000)
  const next = backoff(emptyReads + 1, now, random)
  const settledAt = deadlineAt.getTime() + settleSeconds * 1_000
  return next.getTime() < settledAt ? new Date(settledAt) : next
}
