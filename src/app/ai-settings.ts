/** What a workspace chose about models: the server for writing help, and whose data may go to one. All is off at first. */
import { sql } from 'kysely'
import { endpointOf, networkStanding, reasonOf } from '#domain/ai.ts'
import { LitfassError } from '#domain/errors.ts'
import type { DataTerm, NetworkDefinition } from '#networks/contract.ts'
import { requireOpenServer } from './login-form.ts'
import type { ModelServer } from './model-door.ts'
import { requireRole } from './permissions.ts'
import { findDefinition } from './prices.ts'
import type { Actor, System } from './system.ts'

export type AiView = {
  isOn: boolean
  /** On, and with a server and a model. */
  isReady: boolean
  /** Null: the operator's server. */
  endpoint: string | null
  hasOperatorServer: boolean
  model: string
  hasKey: boolean
  networks: AiNetworkView[]
  /** Of the last thirty UTC days, those on which there was any. */
  uses: Array<{ day: string; requests: number; failed: number }>
}

export type AiNetworkView = {
  network: string
  name: string
  isAllowed: boolean
  /** False where the terms do not leave it to the workspace. */
  canBeAllowed: boolean
  reason: ReturnType<typeof reasonOf>
  rules: DataTerm[]
  readOn: string
}

type Row = { isOn: boolean; endpoint: string | null; model: string; sealed: string | null }
const nothing: Row = { isOn: false, endpoint: null, model: '', sealed: null }

async function settingOf({ db }: Pick<System, 'db'>, workspaceId: string): Promise<Row> {
  const { rows } =
    await sql<Row>`select is_on as "isOn", endpoint, model, sealed_key as sealed from ai_setting
    where workspace_id = ${workspaceId}`.execute(db)
  return rows[0] ?? nothing
}

const keyIdentity = (workspaceId: string) => `ai_setting/${workspaceId}/key`

/** Where a workspace's questions go; null while it uses no model. */
export async function modelServerOf(system: System, workspaceId: string): Promise<ModelServer | null> {
  const { isOn, endpoint: own, model, sealed } = await settingOf(system, workspaceId)
  const endpoint = own ?? system.modelServer
  if (!isOn || endpoint === null || model === '') return null
  return {
    endpoint,
    model,
    apiKey: sealed === null ? null : system.sealer.open(keyIdentity(workspaceId), sealed),
    isTrusted: system.allowsPrivateHosts || endpoint === system.modelServer,
  }
}

/** Whether members are offered writing help. */
export async function hasWritingHelp(system: System, { workspaceId }: Actor): Promise<boolean> {
  const { isOn, endpoint, model } = await settingOf(system, workspaceId)
  return isOn && (endpoint ?? system.modelServer) !== null && model !== ''
}

export async function showAi(system: System, actor: Actor): Promise<AiView> {
  requireRole(actor, 'admin')
  const { isOn, endpoint, model, sealed } = await settingOf(system, actor.workspaceId)
  const { rows: allowed } = await sql<{ network: string }>`
    select network from ai_network where workspace_id = ${actor.workspaceId}`.execute(system.db)
  const { rows: uses } = await sql<AiView['uses'][number]>`
    select day, requests, failed from ai_use
    where workspace_id = ${actor.workspaceId} and day > ${daysAgo(system.now(), 30)} order by day desc`.execute(
    system.db,
  )
  return {
    isOn,
    isReady: await hasWritingHelp(system, actor),
    endpoint,
    hasOperatorServer: system.modelServer !== null,
    model,
    hasKey: sealed !== null,
    networks: system.networks.map(({ definition }) =>
      viewOf(
        definition,
        allowed.some(({ network }) => network === definition.id),
      ),
    ),
    uses,
  }
}

const daysAgo = (now: Date, days: number) =>
  new Date(now.getTime() - days * 86_400_000).toISOString().slice(0, 10)

function viewOf({ id, name, dataTerms }: NetworkDefinition, isChosen: boolean): AiNetworkView {
  const { rules, canBeAllowed, ...verdict } = networkStanding(dataTerms.value, isChosen)
  return {
    network: id,
    name,
    // What was chosen before the terms changed counts no more.
    isAllowed: isChosen && canBeAllowed,
    canBeAllowed,
    reason: reasonOf(verdict, name),
    rules,
    readOn: dataTerms.readOn,
  }
}

export type AiChange = {
  isOn?: boolean | undefined
  /** Null: the operator's server. */
  endpoint?: string | null | undefined
  model?: string | undefined
  /** Null forgets it. */
  apiKey?: string | null | undefined
}

/**
 * What is absent stays. A key is for the server it was entered for: with another server it is forgotten, so that it
 * cannot be sent to somebody else.
 */
export async function saveAi(system: System, actor: Actor, change: AiChange): Promise<AiView> {
  requireRole(actor, 'admin')
  const { workspaceId, memberId } = actor
  const typed = change.endpoint == null ? change.endpoint : await serverOf(system, change.endpoint)
  await system.db.transaction().execute(async (transaction) => {
    // Two changes at once follow each other.
    await sql`select 1 from workspace where id = ${workspaceId} for update`.execute(transaction)
    const before = await settingOf({ db: transaction }, workspaceId)
    const endpoint = typed === undefined ? before.endpoint : typed
    const isOtherServer = (endpoint ?? system.modelServer) !== (before.endpoint ?? system.modelServer)
    const kept = isOtherServer ? null : before.sealed
    const { apiKey } = change
    const after: Row = {
      isOn: change.isOn ?? before.isOn,
      endpoint,
      model: (change.model ?? before.model).trim(),
      sealed:
        apiKey === undefined
          ? kept
          : apiKey === null
            ? null
            : system.sealer.seal(keyIdentity(workspaceId), apiKey),
    }
    if (after.isOn) requireWhole(system, after)
    await sql`insert into ai_setting (workspace_id, is_on, endpoint, model, sealed_key, updated_by, updated_at)
      values (${workspaceId}, ${after.isOn}, ${after.endpoint}, ${after.model}, ${after.sealed}, ${memberId}, ${system.now()})
      on conflict (workspace_id) do update set is_on = excluded.is_on, endpoint = excluded.endpoint, model = excluded.model,
        sealed_key = excluded.sealed_key, updated_by = excluded.updated_by, updated_at = excluded.updated_at`.execute(
      transaction,
    )
  })
  return showAi(system, actor)
}

/** Throws `invalid_input` or `host_not_allowed`. */
async function serverOf(system: System, typed: string): Promise<string> {
  const endpoint = endpointOf(typed)
  if (endpoint === null) {
    throw new LitfassError('invalid_input', 'This is no address of a server', {
      remedy: 'Write it like https://api.example.com/v1, without password, query and fragment.',
      issues: [{ path: 'endpoint', message: 'is no address such as https://api.example.com/v1' }],
    })
  }
  // The operator's own setting is trusted, whoever types it again.
  if (endpoint !== system.modelServer)
    await requireOpenServer(system, 'endpoint', new URL(endpoint), 'what people write')
  return endpoint
}

function requireWhole(system: System, { endpoint, model }: Row): void {
  const issues = [
    ...((endpoint ?? system.modelServer) === null ? [{ path: 'endpoint', message: 'is needed' }] : []),
    ...(model === '' ? [{ path: 'model', message: 'is needed' }] : []),
  ]
  if (issues.length === 0) return
  throw new LitfassError('invalid_input', 'Writing help needs a server and a model', {
    remedy: 'Enter both, then switch it on.',
    issues,
  })
}

/** Throws `network_unknown`, or `ai_forbidden` where the terms do not leave it to the workspace. */
export async function allowNetwork(
  system: System,
  actor: Actor,
  network: string,
  isAllowed: boolean,
): Promise<AiNetworkView> {
  requireRole(actor, 'admin')
  const { workspaceId, memberId } = actor
  const definition = findDefinition(system, network)
  const view = viewOf(definition, isAllowed)
  if (isAllowed && !view.canBeAllowed) {
    const [rule] = view.rules
    throw new LitfassError('ai_forbidden', view.reason.message, {
      remedy: rule
        ? `Nothing has to be done. The rule stands at ${rule.source}; what people write may be used.`
        : 'Nothing has to be done; what people write may be used.',
    })
  }
  await (
    isAllowed
      ? sql`insert into ai_network (workspace_id, network, allowed_by, allowed_at)
          values (${workspaceId}, ${network}, ${memberId}, ${system.now()}) on conflict (workspace_id, network) do nothing`
      : sql`delete from ai_network where workspace_id = ${workspaceId} and network = ${network}`
  ).execute(system.db)
  return view
}
