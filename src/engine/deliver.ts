/** One claimed delivery to its next state: publish it, or find out what became of it. */
import { hash, randomUUID } from 'node:crypto'
import type { Source } from '#domain/breaker.ts'
import {
  afterOutcome,
  backoff,
  type DeliveryChange,
  type FindOutcome,
  type PublishOutcome,
  type Reason,
} from '#domain/delivery.ts'
import type {
  ChannelAccess,
  DeliveryPayload,
  FindRules,
  Network,
  Steps,
  VerbContext,
} from '#networks/contract.ts'
import type { ClaimedDelivery } from '#storage/deliveries.ts'
import type { Intent } from '#storage/settlements.ts'
import { clockName, watchClocks, windowBy } from './clocks.ts'
import { createDeparture, type Departure } from './departure.ts'
import { renewedOnce, withRenewedAccess } from './refused-access.ts'
import { Fenced, isFault, isLost, outcomeOfError, reasonOf } from './trouble.ts'
import { PutOff } from './pacing.ts'
import { OverBudget } from './spending.ts'
import { sendingOf } from './comment.ts'
import { keptFor, putOff, tooSoon, unlessTooLate } from './kept-back.ts'

/** What the engine needs to act for a channel. */
export type OpenedChannel = { network: Network; source: Source; context: VerbContext; access: ChannelAccess }

export type DeliveringChannel = OpenedChannel & {
  /** In place of access that the network refused; false where there is no other. Throws as `openChannel` does. */
  renewAccess: () => Promise<boolean>
}

export type DeliverPorts = {
  now: () => Date
  random: () => number
  /** Throws `LitfassError` where the channel cannot be used. */
  openChannel: (delivery: ClaimedDelivery) => Promise<DeliveringChannel>
  openPayload: (delivery: ClaimedDelivery) => Promise<DeliveryPayload>
  /** Commits the intent. False: another worker took the delivery over. */
  intend: (intent: Intent) => Promise<boolean>
  remember: (delivery: ClaimedDelivery, name: string, value: unknown) => Promise<boolean>
  isOurs: (delivery: ClaimedDelivery, remoteId: string) => Promise<boolean>
  /** A fault of ours, for the log; a person is shown a plain sentence instead. */
  onFault: (cause: unknown, delivery: ClaimedDelivery) => void
}

export type Delivered = {
  change: DeliveryChange
  outcome: string
  detail: string | null
  emptyReads: number
  countsAsAttempt: boolean
}

/** How long a visible request may take, and so how long a take-over must wait. Milliseconds. */
export const visibleDeadlineMs = 30_000

/** After this many sends whose answers were all lost and that never showed up, a person decides. */
const maxSends = 3

/** What never arrived is sent again by itself at most this long after its first sending; later a person decides. */
const resendWithinMs = 6 * 3_600_000

/** Runs one claimed delivery. Returns null where the claim was lost. */
export async function deliver(delivery: ClaimedDelivery, ports: DeliverPorts): Promise<Delivered | null> {
  try {
    if (delivery.state === 'unsure') return await reconcile(delivery, ports)
    return unlessTooLate(await publish(delivery, ports), delivery)
  } catch (cause) {
    if (cause instanceof Fenced) return null
    throw cause
  }
}

async function publish(delivery: ClaimedDelivery, ports: DeliverPorts): Promise<Delivered> {
  const departure = createDeparture(ports.now)
  let outcome: PublishOutcome
  try {
    const opened = await ports.openChannel(delivery)
    const { network, context, access } = opened
    const { publish: send, rules } = sendingOf(network, delivery.parent)
    const until = (delivery.deadlineAt?.getTime() ?? 0) + rules.settleSeconds * 1_000
    if (ports.now().getTime() < until) return tooSoon(new Date(until))
    const payload = await ports.openPayload(delivery)
    const steps = stepsOf(delivery, payload, ports, departure)
    const sent = await send(departure.through(context), { channel: access, payload, steps })
    outcome = await withRenewedAccess(sent, opened, delivery, ports)
  } catch (cause) {
    if (cause instanceof Fenced) throw cause
    if (cause instanceof OverBudget) return keptFor(cause, delivery)
    if (cause instanceof PutOff) return putOff(cause, 'waiting', 0)
    outcome = outcomeOfError(cause, departure.mayBeLive())
    if (isFault(cause)) ports.onFault(cause, delivery)
  }
  const current = { ...delivery, state: departure.mayBeLive() ? ('sending' as const) : delivery.state }
  return {
    change: afterOutcome(current, outcome, ports.now(), ports.random()),
    outcome: outcome.kind,
    detail: 'reason' in outcome ? outcome.reason.message : null,
    emptyReads: 0,
    countsAsAttempt: outcome.kind !== 'processing',
  }
}

function stepsOf(
  delivery: ClaimedDelivery,
  payload: DeliveryPayload,
  ports: DeliverPorts,
  departure: Pick<Departure, 'after'>,
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
    visible: async (name, run, remember) => {
      const sentAt = ports.now()
      const intent: Intent = {
        id: delivery.id,
        token: delivery.token,
        operationId: `${name}:${randomUUID()}`,
        fingerprint: fingerprint(payload),
        sentAt,
        deadlineAt: new Date(sentAt.getTime() + visibleDeadlineMs),
        ...(remember === undefined ? {} : { memory: remember }),
      }
      const commit = async () => {
        if (!(await ports.intend(intent))) throw new Fenced()
        for (const [key, value] of Object.entries(remember ?? {})) memory.set(key, value)
      }
      return departure.after(sentAt, commit(), run)
    },
  }
}

/** What goes out, as one digest: text, link and the images' bytes by id and alt text. */
export function fingerprint(payload: DeliveryPayload): string {
  const images = payload.images.map((image) => [image.mediaFileId, image.altText])
  return hash('sha256', JSON.stringify([payload.text, payload.link ?? null, images]), 'hex')
}

/**
 * Finds out what became of a request whose answer is lost. Nothing is sent.
 *
 * Absence is believed only after the definition's number of empty reads, none of them before the request's
 * deadline plus the network's settling time. Without its connection nothing can be read: it is held, and
 * looked for first once the connection is back.
 */
async function reconcile(delivery: ClaimedDelivery, ports: DeliverPorts): Promise<Delivered> {
  const sentAt = delivery.sentAt ?? delivery.dueAt
  const deadlineAt = delivery.deadlineAt ?? sentAt
  const { found, rules, isRenewed } = await look(delivery, ports, sentAt, deadlineAt)
  const now = ports.now()
  if (found.kind === 'lost') {
    const change = { state: 'held', nextAt: null, holdReason: 'connection', isInDoubt: true } as const
    return delivered({ ...change, reason: found.reason }, 'held', found.reason.message, delivery.emptyReads)
  }
  if (found.kind === 'put-off') return putOff(found.cause, 'unsure', delivery.emptyReads)
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
  if (emptyReads >= rules.emptyReads && now.getTime() > sentAt.getTime() + resendWithinMs) {
    const message = 'It is not on the network, and its time is long past: nothing is sent late by itself.'
    const reason = { code: 'absent_and_late', message }
    return delivered({ state: 'unsure', nextAt: null, reason }, 'absent', message, emptyReads)
  }
  if (emptyReads >= rules.emptyReads) {
    const detail = 'It is not on the network; sending again.'
    return delivered({ state: 'waiting', nextAt: now }, 'absent', detail, 0)
  }
  const reason =
    found.kind === 'unknown'
      ? found.reason
      : { code: 'not_seen_yet', message: 'Not seen on the network yet.' }
  const since = found.kind === 'unknown' ? await unreadSince(delivery, ports, now) : deadlineAt
  const nextAt = isRenewed
    ? now
    : nextLook(found.kind, emptyReads, rules, { now, since, deadlineAt }, ports.random())
  return delivered({ state: 'unsure', nextAt, reason }, found.kind, reason.message, emptyReads)
}

/** For the wait where the network itself could not be reached; the window is never below ten minutes. */
const defaultRules: FindRules = { how: 'listing', settleSeconds: 0, emptyReads: 1, windowSeconds: 600 }

const couldNotAsk: Reason = {
  code: 'read_failed',
  message: 'The network could not be asked whether it is live.',
}

/** Absence is not believed of a machine that looks at the wrong time. */
function clockWrong(seconds: number): FindOutcome {
  const message = `The clock of this machine and that of the network differ by ${Math.abs(seconds)} s, so a post that is not seen may be live. Set the clock right.`
  return { kind: 'unknown', reason: { code: 'clock_wrong', message } }
}

type Looked = {
  found: FindOutcome | { kind: 'lost'; reason: Reason } | { kind: 'put-off'; cause: PutOff }
  rules: FindRules
  /** What was refused is replaced, so the next look is at once. */
  isRenewed?: boolean
}

async function look(
  delivery: ClaimedDelivery,
  ports: DeliverPorts,
  sentAt: Date,
  deadlineAt: Date,
): Promise<Looked> {
  let rules = defaultRules
  try {
    const opened = await ports.openChannel(delivery)
    const { network, context, access } = opened
    const sending = sendingOf(network, delivery.parent)
    rules = sending.rules
    const payload = await ports.openPayload(delivery)
    const steps = stepsOf(delivery, payload, ports, createDeparture(ports.now))
    const isOurs = (remoteId: string) => ports.isOurs(delivery, remoteId)
    const off = steps.recall<number>(clockName) ?? 0
    const job = { channel: access, payload, steps, ...windowBy(off, sentAt, deadlineAt), isOurs }
    const clocks = watchClocks(context.fetch, ports.now)
    const found = await sending.find({ ...context, fetch: clocks.fetch }, job)
    if (found.kind === 'unknown' && found.fix === 'reauthorise')
      return { found, rules, isRenewed: await renewedOnce(opened, delivery, ports) }
    const difference = clocks.differenceSeconds()
    if (found.kind !== 'absent' || difference === 0) return { found, rules }
    // Once the clocks agree again, it is looked for at the time the network had it.
    if (off === 0 && !(await ports.remember(delivery, clockName, difference))) throw new Fenced()
    return { found: clockWrong(difference), rules }
  } catch (cause) {
    if (cause instanceof Fenced) throw cause
    if (cause instanceof PutOff) return { found: { kind: 'put-off', cause }, rules }
    if (isFault(cause)) ports.onFault(cause, delivery)
    const reason = isFault(cause) ? couldNotAsk : reasonOf(cause)
    return { found: { kind: isLost(cause) ? 'lost' : 'unknown', reason }, rules }
  }
}

function delivered(
  change: DeliveryChange,
  outcome: string,
  detail: string | null,
  emptyReads: number,
): Delivered {
  return { change, outcome, detail, emptyReads, countsAsAttempt: true }
}

/** When reading first failed: hours in which nobody looked are no failure of the network's. */
async function unreadSince(delivery: ClaimedDelivery, ports: DeliverPorts, now: Date): Promise<Date> {
  const known = delivery.memory[unreadName]
  const deadlineAt = delivery.deadlineAt ?? delivery.dueAt
  const since = typeof known === 'string' ? new Date(known) : now
  if (known === undefined && !(await ports.remember(delivery, unreadName, now.toISOString())))
    throw new Fenced()
  return since > deadlineAt ? since : deadlineAt
}

/** No network's step is called so. */
const unreadName = '#unread-since'

/**
 * Soon at first, because most lost answers are found at once; then by the settling time. Reads that fail
 * grow rarer, and null ends them: a person decides.
 */
function nextLook(
  found: 'absent' | 'unknown',
  emptyReads: number,
  rules: FindRules,
  times: { now: Date; since: Date; deadlineAt: Date },
  random: number,
): Date | null {
  const { since, deadlineAt } = times
  const now = times.now.getTime()
  if (now < deadlineAt.getTime()) return new Date(now + 5_000)
  if (found === 'unknown' && now > since.getTime() + Math.max(rules.windowSeconds, 600) * 1_000) return null
  const next =
    found === 'unknown'
      ? now + Math.max(5_000, (now - since.getTime()) / 3) * (1 + random / 4)
      : backoff(emptyReads + 1, times.now, random).getTime()
  return new Date(Math.max(next, deadlineAt.getTime() + rules.settleSeconds * 1_000))
}
