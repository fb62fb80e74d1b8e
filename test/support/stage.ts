/** A network of the test's own, and the rows it needs: what it publishes is counted, what it answers is chosen. */
import { sql } from 'kysely'
import type { FindOutcome, PublishOutcome } from '#domain/delivery.ts'
import { createBreakers } from '#engine/breakers.ts'
import { createDispatcher, type Dispatcher, type DispatcherOptions } from '#engine/dispatch.ts'
import type {
  CommentJob,
  FindCommentJob,
  FindJob,
  Network,
  PublishJob,
  VerbContext,
} from '#networks/contract.ts'
import type { Answer, Call } from '#networks/metered-fetch.ts'
import type { Handle } from '#storage/deliveries.ts'
import { post } from './calls.ts'
import type { TestDatabase } from './databases.ts'

export const start = new Date('2026-11-24T09:00:00Z')

export function stage(test: () => TestDatabase) {
  const state = {
    now: start,
    published: [] as string[],
    publish: async (_job: PublishJob, _context: VerbContext): Promise<PublishOutcome> => ({
      kind: 'published',
      remoteId: '1',
    }),
    find: async (_context: VerbContext, _job: FindJob): Promise<FindOutcome> => ({ kind: 'absent' }),
    comment: async (_job: CommentJob): Promise<PublishOutcome> => ({ kind: 'published', remoteId: 'c1' }),
    findComment: async (_job: FindCommentJob): Promise<FindOutcome> => ({ kind: 'absent' }),
    fetch: async (call: Call): Promise<Answer> => {
      await call.mayLeave?.()
      return { status: 200, headers: {}, text: '', json: undefined }
    },
    errors: [] as unknown[],
    /** Breakers that opened and closed. */
    events: [] as string[],
  }
  const find = {
    value: { how: 'listing', settleSeconds: 10, emptyReads: 3, windowSeconds: 60 },
    source: 'test',
    readOn: '2026-11-24',
  }
  /** A request leaves by the door, where it waits for its intent. */
  const doors = new WeakMap<PublishJob, VerbContext['fetch']>()
  const network = {
    definition: { id: 'stage', name: 'Stage', find, comment: { ...find, value: { find } } },
    publish: (context: VerbContext, job: PublishJob) => {
      doors.set(job, context.fetch)
      return state.publish(job, context)
    },
    find: (context: VerbContext, job: FindJob) => state.find(context, job),
    comment: {
      publish: (_context: VerbContext, job: CommentJob) => state.comment(job),
      find: (_context: VerbContext, job: FindCommentJob) => state.findComment(job),
    },
  } as unknown as Network
  /** The breakers as one process sees them. */
  const breakers = () =>
    createBreakers({
      db: test().database.db,
      now: () => state.now,
      random: () => 0,
      networkOf: (login) => ({ id: login, name: 'Stage' }),
      wake: () => {},
      onEvent: ({ event, server, ability }) => state.events.push(`${event} ${server} ${ability}`),
      onError: (cause) => state.errors.push(cause),
    })
  const worker = (workerId: string, options: Partial<DispatcherOptions> = {}): Dispatcher =>
    createDispatcher({
      db: test().database.db,
      workerId,
      now: () => state.now,
      random: () => 0,
      openChannel: async (delivery) => ({
        network,
        source: { login: 'stage', server: '', connectionId: delivery.channel.connection.id },
        context: { fetch: (call: Call) => state.fetch(call), now: () => state.now } as unknown as VerbContext,
        access: { channelId: delivery.channelId, remoteId: 'r', kind: 'page', accessToken: 't', scopes: [] },
        renewAccess: async () => false,
      }),
      openPayload: async (delivery) => ({ text: (delivery.payload as { text: string }).text, images: [] }),
      breakers: breakers(),
      onError: (cause) => state.errors.push(cause),
      ...options,
    })
  const send = (job: PublishJob, answer: () => PublishOutcome) =>
    job.steps.visible('publish', async () => {
      await doors.get(job)?.(post)
      state.published.push(job.payload.text)
      return answer()
    })
  return {
    state,
    worker,
    breakers,
    send,
    advance: (seconds: number) => void (state.now = new Date(state.now.getTime() + seconds * 1_000)),
  }
}

/** A workspace with a connection, a post, and the named channels. */
export async function fillStage(
  db: Handle,
  workspaceId: string,
  channelIds: readonly string[],
): Promise<void> {
  const id = (prefix: string) => `${prefix}_${workspaceId}`
  await sql`insert into workspace (id, name, created_at) values (${workspaceId}, 'W', ${start})`.execute(db)
  await sql`insert into connection (id, workspace_id, network, login, remote_account_id, name, sealed_grant, created_at, updated_at)
    values (${id('con')}, ${workspaceId}, 'stage', 'stage', 'a', 'A', '', ${start}, ${start})`.execute(db)
  for (const channelId of channelIds) {
    await sql`insert into channel (id, workspace_id, connection_id, network, remote_id, kind, name, created_at)
      values (${channelId}, ${workspaceId}, ${id('con')}, 'stage', ${channelId}, 'page', ${`Page ${channelId}`}, ${start})`.execute(
      db,
    )
  }
  await sql`insert into post (id, workspace_id, is_draft, created_by, created_at, updated_at)
    values (${id('pst')}, ${workspaceId}, false, 'm', ${start}, ${start})`.execute(db)
}

let count = 0

/** In the order in which they are asked for. */
function nextId(): string {
  count += 1
  return `dlv_${String(count).padStart(6, '0')}`
}

/** A waiting delivery whose text is its id, unless one is given. */
export async function scheduleOn(
  db: Handle,
  workspaceId: string,
  channelId: string,
  dueAt: Date = start,
  text?: string,
): Promise<string> {
  const id = nextId()
  await sql`insert into delivery (id, workspace_id, post_id, channel_id, network, state, due_at, next_at, payload, created_at, updated_at) values
    (${id}, ${workspaceId}, ${`pst_${workspaceId}`}, ${channelId}, 'stage', 'waiting', ${dueAt}, ${dueAt},
      ${JSON.stringify({ text: text ?? id })}::jsonb, ${start}, ${start})`.execute(db)
  return id
}

/** The first comment below a delivery; it waits for its post, and its text is its id. */
export async function commentOn(db: Handle, parentId: string): Promise<string> {
  const id = nextId()
  await sql`insert into delivery (id, workspace_id, post_id, parent_id, channel_id, network, state, due_at, payload, created_at, updated_at)
    select ${id}, workspace_id, post_id, id, channel_id, network, 'waiting', due_at, ${JSON.stringify({ text: id })}::jsonb, ${start}, ${start}
    from delivery where id = ${parentId}`.execute(db)
  return id
}
