/**
 * One random history of an installation that reads from networks: accounts come and go, posts are read and
 * removed, people ask for deletion, rules get stricter, clocks jump, and sweeps are stopped between two statements.
 *
 * What is deleted is counted by what is missing afterwards, never by what the product says of itself.
 */
import { sql } from 'kysely'
import { saveConnection } from '#app/connection-saving.ts'
import { removeConnection } from '#app/connections.ts'
import { orderDeletion } from '#app/deletions.ts'
import type { Actor } from '#app/system.ts'
import { newId } from '#domain/id.ts'
import type { Period } from '#domain/retention.ts'
import { measureDue, pollNewChannels } from '#engine/measure.ts'
import { provenanceOf, ruleBookOf } from '#engine/rule-books.ts'
import { type KeptNetwork, sweepRetention } from '#jobs/retention.ts'
import type {
  LoginMethod,
  Network,
  NetworkDefinition,
  RemoteChannel,
  VerbContext,
} from '#networks/contract.ts'
import { networks } from '#networks/registry.ts'
import type { TestProduct } from '#test/support/product.ts'
import type { Chance } from './random.ts'
import { type Snapshot, snapshot, violations } from './retention-check.ts'

export type HistoryResult = {
  steps: number
  read: number
  deleted: number
  certified: number
  sweeps: number
  kills: number
  /** What should not be, in words. */
  wrong: string[]
}

type Account = { id: string; connectionId: string; networkId: string; loginId: string }
type Post = { deliveryId: string; remoteId: string }

const start = new Date('2027-01-10T08:00:00Z')
const kinds: readonly RemoteChannel['kind'][] = ['page', 'profile', 'organisation', 'member']
const hour = 3_600_000
const jumps = [
  hour,
  13 * hour,
  25 * hour,
  49 * hour,
  20 * 24 * hour,
  45 * 24 * hour,
  190 * 24 * hour,
  370 * 24 * hour,
]
const stricter: readonly Period[] = ['PT24H', 'PT48H', 'P42D', 'P6M', 'P1Y']

/** The clock that the product is told. */
export type Clock = { now: Date }

export async function runHistory(
  test: TestProduct,
  clock: Clock,
  chance: Chance,
  steps: number,
): Promise<HistoryResult> {
  const history = await begin(test, clock, chance)
  const acts = [
    [4, history.connect],
    [6, history.publish],
    [10, history.read],
    [3, history.vanish],
    [2, history.disconnect],
    [2, history.request],
    [1, history.terminate],
    [3, history.tighten],
    [6, history.jump],
    [6, history.sweep],
  ] as const
  const weighted = acts.flatMap(([weight, act]) => Array.from({ length: weight }, () => act))
  for (let step = 0; step < steps; step += 1) {
    // Nothing happens at the same instant as something else.
    clock.now = new Date(clock.now.getTime() + 1_000)
    await chance.pick(weighted)()
  }
  // So that no history ends without something that is due.
  for (let rule = 0; rule < 6; rule += 1) await history.tighten()
  await history.jump()
  await history.settle()
  return history.result(steps)
}

async function begin(test: TestProduct, clock: Clock, chance: Chance) {
  const { system } = test.product
  const { db } = system
  const { workspaceId, ownerId } = await test.addWorkspace()
  const actor: Actor = { workspaceId, memberId: ownerId, role: 'owner' }
  clock.now = clock.now < start ? start : clock.now
  const definitions = new Map(networks.map(({ definition }) => [definition.id, definition]))
  const accounts: Account[] = []
  const gone = new Set<string>()
  const posts: Post[] = []
  const authored = new Map<string, string>()
  const granted = new Map<string, Date>()
  const total = { read: 0, deleted: 0, sweeps: 0, kills: 0 }

  const definitionOf = (id: string) => definitions.get(id) as NetworkDefinition
  const look = () => snapshot(db, workspaceId)

  async function grant(account: Omit<Account, 'connectionId'>): Promise<void> {
    const network = networks.find(({ definition }) => definition.id === account.networkId) as Network
    const login = network.definition.logins.find(({ id }) => id === account.loginId) as LoginMethod
    const { connection } = await saveConnection(system, actor, {
      network: { ...network, definition: definitionOf(account.networkId) },
      login,
      isSandbox: false,
      newChannels: 'active',
      connected: {
        grant: { accessToken: 'token', refreshToken: 'token', scopes: [] },
        account: { remoteId: account.id, name: `Name of ${account.id}` },
        channels: kinds.slice(0, 1 + (account.id.length % kinds.length)).map((kind, index) => ({
          remoteId: `${account.id}-${index}`,
          kind: kinds[(index + account.id.charCodeAt(account.id.length - 1)) % kinds.length] ?? kind,
          name: `Channel ${index} of ${account.id}`,
          handle: account.id,
          url: 'https://network.example/name',
        })),
        isComplete: true,
      },
    })
    granted.set(connection.id, clock.now)
    const known = accounts.find(({ id }) => id === account.id)
    if (known) known.connectionId = connection.id
    else accounts.push({ ...account, connectionId: connection.id })
  }

  /** Somebody new, or somebody who comes back. */
  async function connect(): Promise<void> {
    if (accounts.length > 0 && chance.below(3) === 0) return grant(chance.pick(accounts))
    const { definition } = chance.pick(networks)
    const login = chance.pick(definition.logins)
    const id = `account-${workspaceId.slice(-6)}-${accounts.length}${'x'.repeat(chance.below(4))}`
    await grant({ id, networkId: definition.id, loginId: login.id })
  }

  async function publish(): Promise<void> {
    const { rows } = await sql<{ id: string; network: string }>`select id, network from channel
      where workspace_id = ${workspaceId} and state = 'active' order by id`.execute(db)
    if (rows.length === 0) return
    const channel = chance.pick(rows)
    const [postId, deliveryId] = [newId('pst', clock.now), newId('dlv', clock.now)]
    const text = `Written here ${posts.length}`
    const remoteId = `remote-${deliveryId}`
    await sql`insert into post (id, workspace_id, text, is_draft, created_by, created_at, updated_at)
      values (${postId}, ${workspaceId}, ${text}, false, ${ownerId}, ${clock.now}, ${clock.now})`.execute(db)
    await sql`insert into delivery (id, workspace_id, post_id, channel_id, network, state, due_at, payload, published_at, remote_id,
        url, memory, created_at, updated_at)
      values (${deliveryId}, ${workspaceId}, ${postId}, ${channel.id}, ${channel.network}, 'published', ${clock.now},
        ${JSON.stringify({ text, images: [] })}::jsonb, ${clock.now}, ${remoteId}, 'https://network.example/post', '{"made": "x"}',
        ${clock.now}, ${clock.now})`.execute(db)
    await sql`insert into poll (delivery_id, workspace_id, next_at) values (${deliveryId}, ${workspaceId}, ${clock.now})`.execute(
      db,
    )
    posts.push({ deliveryId, remoteId })
    authored.set(postId, text)
  }

  /** What the worker reads, of networks that answer by chance. */
  async function read(): Promise<void> {
    const before = await look()
    const options = {
      db,
      now: () => clock.now,
      unmeasurableLogins: [],
      breakers: system.breakers,
      openChannel: opened,
      onError: (cause: unknown) => {
        throw cause
      },
    }
    await pollNewChannels(options)
    await measureDue(options, 200)
    total.read += (await look()).size - before.size
  }

  async function opened(poll: { channelId: string }) {
    const { rows } = await sql<{
      network: string
      kind: RemoteChannel['kind']
      state: string
      login: string
    }>`
      select c.network, c.kind, k.state, k.login from channel c join connection k on k.id = c.connection_id
      where c.id = ${poll.channelId}`.execute(db)
    const [row] = rows
    if (!row || row.state !== 'active') throw new Error('this account is not connected')
    const readings = Array.from({ length: 1 + chance.below(20) }, (_, index) => ({
      metric: 'likes' as const,
      remoteName: 'likes',
      value: index,
    }))
    const network = {
      definition: definitionOf(row.network),
      measureChannel: async () => ({ kind: 'measured', readings }),
      measurePost: async (_context: unknown, _channel: unknown, remoteId: string) =>
        gone.has(remoteId) ? { kind: 'gone' } : { kind: 'measured', readings },
    } as unknown as Network
    return {
      network,
      source: { login: row.login, server: '', connectionId: '' },
      context: { version: 'v', login: { id: row.login } } as VerbContext,
      access: { channelId: poll.channelId, remoteId: 'r', kind: row.kind, accessToken: 't', scopes: [] },
    }
  }

  async function vanish(): Promise<void> {
    if (posts.length > 0) gone.add(chance.pick(posts).remoteId)
  }

  const connected = async () => {
    const { rows } = await sql<{ id: string; network: string }>`select id, network from connection
      where workspace_id = ${workspaceId} and state = 'active' order by id`.execute(db)
    return rows
  }

  async function disconnect(): Promise<void> {
    const active = await connected()
    if (active.length > 0) await removeConnection(system, actor, chance.pick(active).id)
  }

  async function request(): Promise<void> {
    if (posts.length > 0 && chance.below(2) === 0) {
      const { deliveryId } = chance.pick(posts)
      await orderDeletion(system, actor, { reason: 'request', deliveryId, note: '' })
    } else if (accounts.length > 0)
      await orderDeletion(system, actor, {
        reason: 'request',
        connectionId: chance.pick(accounts).connectionId,
        note: '',
      })
  }

  async function terminate(): Promise<void> {
    const active = await connected()
    if (active.length > 0)
      await orderDeletion(system, actor, {
        reason: 'terminated',
        network: chance.pick(active).network,
        note: '',
      })
  }

  /** A new release, whose rule book is stricter about something that is kept. */
  async function tighten(): Promise<void> {
    if (accounts.length === 0) return
    const before = definitionOf(chance.pick(accounts).networkId)
    const classes = Object.values(before.keeps).flatMap((one) =>
      typeof one === 'string' ? [one] : Object.values(one),
    )
    const dataClass = chance.pick(classes)
    const term = before.dataTerms.value.find((one) => one.dataClass === dataClass)
    if (!term) throw new Error(`${before.id} has no rule about ${dataClass}`)
    const since = clock.now.toISOString().slice(0, 10)
    const added = { ...term, id: `T${since}`, keepFor: chance.pick(stricter), deleteOn: {}, since }
    const value = [...before.dataTerms.value, added]
    definitions.set(before.id, { ...before, dataTerms: { ...before.dataTerms, value } })
  }

  async function jump(): Promise<void> {
    clock.now = new Date(clock.now.getTime() + chance.pick(jumps) + chance.below(hour))
  }

  /** Half of them die between two statements. */
  async function sweep(): Promise<void> {
    const dies = chance.below(2) === 0 ? 1 + chance.below(25) : Number.POSITIVE_INFINITY
    await sweepOnce(dies)
  }

  /** What goes is counted statement by statement, since a name may go by one and its id by the next. */
  async function sweepOnce(diesAt: number): Promise<boolean> {
    let seen = await look()
    const count = async () => {
      const after = await look()
      total.deleted += missing(seen, after)
      seen = after
    }
    let chunks = 0
    const onChunk = async () => {
      await count()
      chunks += 1
      if (chunks >= diesAt) throw new Killed()
    }
    total.sweeps += 1
    let isComplete = false
    try {
      const swept = await sweepRetention({
        db,
        networks: keptBy(definitions),
        now: clock.now,
        chunk: 7,
        onChunk,
      })
      isComplete = swept.isComplete
    } catch (cause) {
      if (!(cause instanceof Killed)) throw cause
      total.kills += 1
    }
    await count()
    return isComplete
  }

  async function settle(): Promise<void> {
    for (let round = 0; !(await sweepOnce(Number.POSITIVE_INFINITY)); round += 1)
      if (round > 100) throw new Error('the sweeps come to no end')
  }

  async function result(steps: number): Promise<HistoryResult> {
    const { rows } = await sql<{
      count: number
    }>`select coalesce(sum(count), 0)::int as count from deletion_certificate
      where workspace_id = ${workspaceId}`.execute(db)
    const certified = rows[0]?.count ?? 0
    const wrong = await violations(db, workspaceId, [...definitions.values()], clock.now, {
      authored,
      granted,
    })
    if (certified !== total.deleted) wrong.push(`${total.deleted} items are gone, ${certified} are certified`)
    return { steps, ...total, certified, wrong }
  }

  return {
    connect,
    publish,
    read,
    vanish,
    disconnect,
    request,
    terminate,
    tighten,
    jump,
    sweep,
    settle,
    result,
  }
}

class Killed extends Error {
  override name = 'Killed'
}

function keptBy(definitions: ReadonlyMap<string, NetworkDefinition>): KeptNetwork[] {
  return [...definitions.values()].map((definition) => ({
    name: definition.name,
    book: ruleBookOf(definition),
    provenance: (item, kind, readAt) => provenanceOf(definition, item, kind as RemoteChannel['kind'], readAt),
  }))
}

/** Items of which something went; nothing comes while a sweep runs. */
function missing(before: Snapshot, after: Snapshot): number {
  return [...before].filter(([key, left]) => after.get(key) !== left).length
}
