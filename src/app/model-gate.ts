/**
 * The one way to a model. Everything that is to go to one says where it comes from, and is judged by that.
 *
 * What was read from a network passes only where its terms leave it free and the workspace allowed it, and each
 * passing is written into the access ledger before it leaves: counts and classes, no content. What was written here
 * passes freely. One thing that may not pass keeps all of it back.
 */
import { sql } from 'kysely'
import { mayGoToModel, type ModelVerdict, reasonOf } from '#domain/ai.ts'
import type { DataTerm, Network } from '#networks/contract.ts'
import type { Call, Meter, Settlement } from '#networks/metered-fetch.ts'
import { modelServerOf } from './ai-settings.ts'
import { type ModelAnswer, type ModelFailure, sendToModel } from './model-door.ts'
import type { Actor, System } from './system.ts'

/** A text with its provenance. `count`: how many items read from the network it holds. */
export type GateItem = { text: string } & (
  | { provenance: 'authored' }
  | {
      provenance: 'read'
      network: string
      login: string
      connectionId: string
      dataClass: string
      readAt: Date
      count: number
    }
)
type ReadItem = Extract<GateItem, { provenance: 'read' }>

export type GateRefusal = {
  network: string
  dataClass: string
  verdict: Exclude<ModelVerdict<DataTerm>, { kind: 'allowed' }>
  reason: ReturnType<typeof reasonOf>
}

export type GateOutcome =
  | { kind: 'answered'; content: string }
  | { kind: 'refused'; refusals: GateRefusal[] }
  /** The workspace uses no model. */
  | { kind: 'off' }
  | { kind: 'failed'; why: ModelFailure; status: number | null }

export type GateQuestion = {
  /** Ours, never a person's or a network's text. */
  instruction: string
  items: readonly GateItem[]
  signal: AbortSignal
}

export async function askModel(
  system: System,
  actor: Actor,
  { instruction, items, signal }: GateQuestion,
): Promise<GateOutcome> {
  const read = items.filter((item) => item.provenance === 'read')
  const refusals = await refusalsOf(system, actor, read)
  if (refusals.length > 0) return { kind: 'refused', refusals }
  const server = await modelServerOf(system, actor.workspaceId)
  if (server === null) return { kind: 'off' }
  const passages = await openPassages(system, actor, read, server.endpoint)
  await countUse(system, actor, 'requests')
  const answer = await sendToModel(server, { instruction, texts: items.map(({ text }) => text) }, signal)
  await settlePassages(passages, answer)
  if (answer.kind === 'answered') return { kind: 'answered', content: answer.content }
  await countUse(system, actor, 'failed')
  return { kind: 'failed', why: answer.why, status: answer.status }
}

/** Everything among what was read that may not pass. */
async function refusalsOf(system: System, actor: Actor, read: readonly ReadItem[]): Promise<GateRefusal[]> {
  if (read.length === 0) return []
  const { rows } = await sql<{ network: string }>`
    select network from ai_network where workspace_id = ${actor.workspaceId}`.execute(system.db)
  const allowed = new Set(rows.map(({ network }) => network))
  return read.flatMap((item): GateRefusal[] => {
    const definition = definitionOf(system, item.network)
    const stance = {
      rules: definition?.dataTerms.value ?? null,
      isAllowed: allowed.has(item.network),
    }
    const verdict = mayGoToModel(item, stance, system.now())
    if (verdict.kind === 'allowed') return []
    const { network, dataClass } = item
    return [{ network, dataClass, verdict, reason: reasonOf(verdict, definition?.name ?? network) }]
  })
}

function definitionOf({ networks }: System, id: string): Network['definition'] | undefined {
  return networks.find(({ definition }) => definition.id === id)?.definition
}

type Passage = { meter: Meter; call: Call; opened: unknown; count: number }

/** One for each account and class of data, written down before anything leaves. */
async function openPassages(
  system: System,
  actor: Actor,
  read: readonly ReadItem[],
  url: string,
): Promise<Passage[]> {
  const groups = Map.groupBy(read, ({ connectionId, dataClass }) => `${connectionId} ${dataClass}`)
  const passages: Passage[] = []
  try {
    for (const [first, ...others] of groups.values()) {
      const definition = first && definitionOf(system, first.network)
      if (!definition) throw new Error('what passed is of a network nobody knows')
      const { login, connectionId, dataClass } = first
      const { workspaceId, memberId } = actor
      const scope = { workspaceId, connectionId, deliveryId: null, actor: memberId, definition, login }
      const meter = system.ledger.scoped({ ...scope, now: system.now })
      const call: Call = { method: 'POST', url, endpointClass: 'model.chat', dataClass, purpose: 'ai' }
      const count = others.reduce((sum, item) => sum + item.count, first.count)
      passages.push({ meter, call, opened: await meter.open(call), count })
    }
  } catch (cause) {
    await settlePassages(passages, { kind: 'failed', why: 'cancelled', status: null, wasSent: false })
    throw cause
  }
  return passages
}

async function settlePassages(passages: readonly Passage[], answer: ModelAnswer): Promise<void> {
  const wasSent = answer.kind === 'answered' || answer.wasSent
  for (const { meter, call, opened, count } of passages) {
    const settlement: Settlement = {
      outcome: answer.status === null ? 'no-answer' : 'answered',
      status: answer.status,
      wasSent,
      items: wasSent ? count : 0,
      headers: {},
      ms: 0,
    }
    await meter.settle(call, opened, settlement)
  }
}

async function countUse(system: System, { workspaceId }: Actor, what: 'requests' | 'failed'): Promise<void> {
  const day = system.now().toISOString().slice(0, 10)
  const [requests, failed] = what === 'requests' ? [1, 0] : [0, 1]
  await sql`insert into ai_use (workspace_id, day, requests, failed) values (${workspaceId}, ${day}, ${requests}, ${failed})
    on conflict (workspace_id, day) do update set requests = ai_use.requests + excluded.requests,
      failed = ai_use.failed + excluded.failed`.execute(system.db)
}
