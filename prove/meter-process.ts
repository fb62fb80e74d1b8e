/**
 * Calls of every kind that X charges for, made through the product's one door by one process: chosen by a seed, so many
 * at once. It keeps its own count of what happened, apart from the ledger.
 */
import { newId } from '#domain/id.ts'
import { createLedger } from '#engine/meter.ts'
import { createPriceBooks } from '#engine/price-books.ts'
import { OverBudget } from '#engine/spending.ts'
import { type Call, createMeteredFetch, type MeteredFetch, NoAnswer } from '#networks/metered-fetch.ts'
import { definition } from '#networks/x/definition.ts'
import { openDatabase } from '#storage/database.ts'
import { signInAll } from '../bench/accounts.ts'
import { chanceOf } from './random.ts'

export type MeterInput = {
  apiUrl: string
  dataDir: string
  databaseUrl: string
  workspaceId: string
  name: string
  seed: number
  count: number
  concurrency: number
  /** Only posts with a link, the dearest call, for the race at the end of a budget. */
  isOnlyPosts: boolean
}
export type MeterAnswer = { made: number; overBudget: number; lost: number; byStatus: Record<string, number> }

const input = JSON.parse(process.argv[2] ?? '') as MeterInput
const chance = chanceOf(input.seed)
const database = await openDatabase({ dataDir: input.dataDir, databaseUrl: input.databaseUrl })
const ledger = createLedger({
  db: database.db,
  prices: createPriceBooks(database.db, [definition]),
  now: () => new Date(),
  onError: (cause) => {
    throw cause
  },
})
const accounts = await signInAll(input.apiUrl, input.name)
const answer: MeterAnswer = { made: 0, overBudget: 0, lost: 0, byStatus: {} }

/** `self`: whether it has read its own profile today; `unclear` where that answer was lost. */
type Acting = {
  accessToken: string
  fetch: MeteredFetch
  posts: string[]
  self: 'unread' | 'reading' | 'read' | 'unclear'
}
const acting: Acting[] = accounts.map(({ accessToken }) => ({
  accessToken,
  posts: [],
  self: 'unread',
  fetch: createMeteredFetch(
    ledger.scoped({
      workspaceId: input.workspaceId,
      connectionId: null,
      deliveryId: null,
      actor: 'job:prove',
      definition,
      login: 'x',
      now: () => new Date(),
    }),
  ),
}))

process.stdout.write('ready\n')
await new Promise((resolve) => process.stdin.once('data', resolve))
let left = input.count
await Promise.all(Array.from({ length: input.concurrency }, loop))
await database.close()
process.stdout.write(`${JSON.stringify(answer)}\n`, () => process.exit(0))

async function loop(): Promise<void> {
  while (left > 0) {
    left -= 1
    await one(chance.pick(acting))
  }
}

async function one(account: Acting): Promise<void> {
  const { call, onAnswer, onEnd } = chosen(account)
  try {
    const { status, json } = await account.fetch({
      ...call,
      headers: { authorization: `Bearer ${account.accessToken}` },
    })
    answer.made += 1
    answer.byStatus[status] = (answer.byStatus[status] ?? 0) + 1
    if (status < 300) onAnswer(json as { data?: { id?: string } } | undefined)
    else onEnd?.(null)
  } catch (cause) {
    onEnd?.(cause)
    if (cause instanceof OverBudget) answer.overBudget += 1
    else if (cause instanceof NoAnswer) {
      answer.made += 1
      answer.lost += 1
    } else throw cause
  }
}

type Chosen = {
  call: Call
  onAnswer: (json: { data?: { id?: string } } | undefined) => void
  /** It brought nothing; with the error where there was no answer. */
  onEnd?: (cause: unknown) => void
}

function chosen(account: Acting): Chosen {
  const lot = input.isOnlyPosts ? 0 : chance.below(1_000) / 1_000
  const known = account.posts
  if (lot < 0.05 || (lot < 0.7 && known.length === 0)) return post(account, true)
  if (lot < 0.3) return post(account, false)
  if (lot < 0.7) return lookUp(account, chance.pick(known))
  if (lot < 0.95 && (account.self === 'unread' || account.self === 'read')) return readItself(account)
  return {
    call: {
      ...base('GET', '/2/tweets?ids=1', 'post.lookup', 'measure'),
      countItems: () => 0,
      mostItems: 1,
    },
    onAnswer: () => {},
  }
}

function base(
  method: 'GET' | 'POST',
  path: string,
  endpointClass: string,
  purpose: 'publish' | 'measure',
): Call {
  return { method, url: `${input.apiUrl}${path}`, endpointClass, dataClass: 'own-post', purpose }
}

function post(account: Acting, isLink: boolean): Chosen {
  const text = `${newId('pst')}${isLink ? ' https://example.com/a' : ''}`
  return {
    call: { ...base('POST', '/2/tweets', 'post.create', 'publish'), hasLink: isLink, body: { text } },
    onAnswer: (json) => {
      if (json?.data?.id) account.posts.push(json.data.id)
    },
  }
}

/** A post is read once here, and never again on this day. */
function lookUp(account: Acting, id: string): Chosen {
  account.posts.splice(account.posts.indexOf(id), 1)
  return {
    call: {
      ...base('GET', `/2/tweets?ids=${id}`, 'post.lookup', 'measure'),
      countItems: (body) => (body as { data?: unknown[] }).data?.length ?? 0,
      mostItems: 1,
    },
    onAnswer: () => {},
  }
}

/** The first reading of a day is charged, so it is alone until it is known. */
function readItself(account: Acting): Chosen {
  const isRepeat = account.self === 'read'
  if (!isRepeat) account.self = 'reading'
  return {
    call: {
      ...base('GET', '/2/users/me', 'user.read', 'measure'),
      countItems: () => 1,
      mostItems: 1,
      isRepeat,
    },
    onAnswer: (json) => {
      account.self = json === undefined ? 'unclear' : 'read'
    },
    onEnd: (cause) => {
      if (!isRepeat) account.self = cause instanceof NoAnswer ? 'unclear' : 'unread'
    },
  }
}
