/** How old what is known of networks' terms and prices is, and reading them again. */
import { LitfassError } from '#domain/errors.ts'
import { newId } from '#domain/id.ts'
import { daysSince, readingInForce, rereadAfterDays, type ShippedTerms, shippedTerms } from '#engine/terms.ts'
import { watchTerms } from '#jobs/terms.ts'
import type { NetworkDefinition } from '#networks/contract.ts'
import { addTermsReading, type NamedReading, readTermsReadings, type TermsSubject } from '#storage/terms.ts'
import { requireRole } from './permissions.ts'
import { findDefinition } from './prices.ts'
import type { Actor, System } from './system.ts'

export type TermsView = {
  network: string
  name: string
  subject: TermsSubject
  version: string
  readOn: string
  ageDays: number
  isOverdue: boolean
  hasChanged: boolean
  shipped: { version: string; readOn: string }
  sources: string[]
  versionEndsOn: string | null
  readings: Array<Omit<NamedReading, 'network' | 'subject' | 'memberId'>>
}

/** Of every network, for sweeps too. */
export function allShippedTerms(system: Pick<System, 'networks'>, now: Date): ShippedTerms[] {
  return system.networks.flatMap(({ definition }) => shippedTerms(definition, dayOf(now)))
}

export async function listTerms(
  system: System,
  actor: Actor,
): Promise<{ rereadAfterDays: number; items: TermsView[] }> {
  requireRole(actor, 'admin')
  const readings = await readTermsReadings(system.db, actor.workspaceId)
  const now = system.now()
  const items = system.networks.flatMap(({ definition }) =>
    shippedTerms(definition, dayOf(now)).map((shipped) => viewOf(definition, shipped, readings, now)),
  )
  return { rereadAfterDays, items }
}

function viewOf(
  { name, version }: NetworkDefinition,
  shipped: ShippedTerms,
  readings: readonly NamedReading[],
  now: Date,
): TermsView {
  const { network, subject, sources } = shipped
  const own = readingInForce(shipped, readings)
  const last = own ?? shipped
  const ageDays = daysSince(last.readOn, now)
  return {
    network,
    name,
    subject,
    version: last.version,
    readOn: last.readOn,
    ageDays,
    isOverdue: ageDays > rereadAfterDays,
    hasChanged: own?.hasChanged ?? false,
    shipped: { version: shipped.version, readOn: shipped.readOn },
    sources,
    versionEndsOn: version?.value.endsOn ?? null,
    readings: readings
      .filter((one) => one.network === network && one.subject === subject)
      .map(({ network: _, subject: _subject, memberId: _member, ...one }) => one),
  }
}

export type TermsInput = {
  network: string
  subject: TermsSubject
  readOn?: string | undefined
  version?: string | undefined
  hasChanged: boolean
  note: string
}

/** Records who read what and when; from now on it is the version that entries of the ledger name. */
export async function readTermsAgain(system: System, actor: Actor, input: TermsInput): Promise<TermsView> {
  requireRole(actor, 'admin')
  const definition = findDefinition(system, input.network)
  const now = system.now()
  const shipped = shippedTerms(definition, dayOf(now)).find(({ subject }) => subject === input.subject)
  if (!shipped) throw wrong('subject', `${definition.name} has no such terms`)
  const readings = await readTermsReadings(system.db, actor.workspaceId)
  const before = viewOf(definition, shipped, readings, now)
  const { readOn = dayOf(now), hasChanged, note } = input
  const version = input.version?.trim() || (hasChanged ? '' : before.version)
  if (version === '') throw wrong('version', 'what changed has another version or day: name it')
  if (readOn > dayOf(new Date(now.getTime() + farthestEastMs))) throw wrong('readOn', 'lies in the future')
  if (readOn < before.readOn) throw wrong('readOn', `they were read later already, on ${before.readOn}`)
  const { network, subject } = shipped
  await addTermsReading(system.db, actor.workspaceId, {
    id: newId('trm', now),
    network,
    subject,
    readOn,
    version,
    hasChanged,
    note: note.trim(),
    memberId: actor.memberId,
    at: now,
  })
  system.prices.forget(actor.workspaceId)
  await watchTerms(system.db, now, allShippedTerms(system, now), actor.workspaceId)
  return viewOf(definition, shipped, await readTermsReadings(system.db, actor.workspaceId), now)
}

function wrong(path: string, message: string): LitfassError {
  return new LitfassError('invalid_input', `What was read cannot be recorded: ${message}`, {
    remedy: 'Correct it.',
    issues: [{ path, message }],
  })
}

/** Where the day begins first it is ahead of UTC by so much. */
const farthestEastMs = 14 * 3_600_000

const dayOf = (at: Date) => at.toISOString().slice(0, 10)
