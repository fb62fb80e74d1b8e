import fc from 'fast-check'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { countedStates, isInState, stateOfPost } from '#app/list-posts.ts'
import { rescheduleMoved } from '#app/move-schedule.ts'
import { type DeliveryState, type PostState, postState } from '#domain/delivery.ts'
import { newId } from '#domain/id.ts'
import { networks } from '#networks/registry.ts'
import { backends, type TestDatabase } from '#test/support/databases.ts'
import { type Channel, connectSandbox, picture, upload } from '#test/support/posting.ts'
import { startTestProduct, type TestProduct } from '#test/support/product.ts'

const states: DeliveryState[] = [
  'waiting',
  'claimed',
  'sending',
  'published',
  'refused',
  'unsure',
  'held',
  'cancelled',
]

const postStates: PostState[] = [
  'draft',
  'scheduled',
  'publishing',
  'published',
  'partly-published',
  'failed',
  'cancelled',
]

describe.each(backends)('the state of a post on the $name database', ({ open }) => {
  let test: TestDatabase
  beforeAll(async () => {
    test = await open()
    const { db } = test.database
    await sql`insert into workspace (id, name, created_at) values ('wsp_1', 'One', now())`.execute(db)
    await sql`insert into connection (id, workspace_id, network, login, remote_account_id, name, sealed_grant, created_at, updated_at)
      values ('con_1', 'wsp_1', 'n', 'n', '1', 'n', '', now(), now())`.execute(db)
    await sql`insert into channel (id, workspace_id, connection_id, network, remote_id, kind, name, created_at)
      values ('chn_1', 'wsp_1', 'con_1', 'n', '1', 'page', 'n', now())`.execute(db)
  })
  afterAll(() => test.close())

  it('is the same in a list as by the rule, whatever its deliveries are', async () => {
    const anyPost = fc.record({
      isDraft: fc.boolean(),
      of: fc.array(fc.constantFrom(...states), { maxLength: 6 }),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(anyPost, { minLength: 1, maxLength: 40 }), async (posts) => {
        const expected = posts.map(({ isDraft, of }) => postState(isDraft, of))
        expect(await stateInSql(posts)).toEqual(expected)
        expect(await stateByFilter(posts.length)).toEqual(expected)
      }),
      { numRuns: 15 },
    )
  })

  async function stateInSql(posts: ReadonlyArray<{ isDraft: boolean; of: DeliveryState[] }>) {
    const { db } = test.database
    await sql`delete from post`.execute(db)
    const rows = posts.map(({ isDraft, of }, index) => ({ id: `pst_${1000 + index}`, is_draft: isDraft, of }))
    await sql`insert into post (id, workspace_id, is_draft, created_by, created_at, updated_at)
      select id, 'wsp_1', is_draft, 'x', now(), now() from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as p (id text, is_draft boolean)`.execute(
      db,
    )
    await sql`insert into delivery (id, workspace_id, post_id, channel_id, network, state, due_at, payload, created_at, updated_at)
      select p.id || '_' || d.at, 'wsp_1', p.id, 'chn_1', 'n', d.state, now(), '{}', now(), now()
      from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as p (id text, "of" jsonb), jsonb_array_elements_text(p."of") with ordinality as d (state, at)`.execute(
      db,
    )
    const { rows: found } = await sql<{ state: string }>`
      select ${stateOfPost} as state from post p ${countedStates} order by p.id`.execute(db)
    return found.map((row) => row.state)
  }

  /** The state whose list has each post; several would show as such. */
  async function stateByFilter(count: number) {
    const states = Array.from({ length: count }, () => '')
    for (const state of postStates) {
      const { rows } = await sql<{ id: string }>`
        select p.id from post p ${countedStates} where ${isInState({ workspaceId: 'wsp_1' }, state)}`.execute(
        test.database.db,
      )
      for (const { id } of rows) states[Number(id.slice(4)) - 1000] += state
    }
    return states
  }
})

describe('a list of posts', () => {
  let product: TestProduct
  let channels: Channel[]
  let ids: Record<string, string>
  beforeAll(async () => {
    product = await startTestProduct()
    channels = await connectSandbox(product)
    const imageId = (await upload(product, await picture())).body.id
    const [one, two] = channels
    const attachments = [{ mediaFileId: imageId, altText: '' }]
    const create = async (body: Record<string, unknown>) =>
      (await product.call('POST', '/posts', { body: { attachments, ...body } })).body.id
    ids = {
      june: await create({ text: 'June 100% sure', channelIds: [one?.id], at: '2099-06-01T09:00' }),
      may: await create({ text: 'May', channelIds: [two?.id], at: '2099-05-01T09:00' }),
      draft: await create({ text: 'Draft', draft: true, at: '2099-05-15T09:00' }),
      loose: await create({ text: 'Loose', draft: true }),
      own: await create({
        text: 'Plain',
        draft: true,
        channelIds: [one?.id, two?.id],
        variants: { [two?.id ?? '']: 'Quite_another text' },
      }),
    }
  })
  afterAll(() => product.close())
  const list = async (query: string) => {
    const { status, body } = await product.call('GET', `/posts?${query}`)
    expect(status).toBe(200)
    const names = Object.fromEntries(Object.entries(ids).map(([name, id]) => [id, name]))
    return { names: body.items.map((post: { id: string }) => names[post.id]), next: body.next }
  }

  it('is newest first, page by page, without gap or repeat', async () => {
    const seen: string[] = []
    let cursor = ''
    do {
      const page = await list(`limit=2${cursor}`)
      seen.push(...page.names)
      cursor = page.next === null ? '' : `&cursor=${page.next}`
    } while (cursor !== '')
    expect(seen).toEqual(['own', 'loose', 'draft', 'may', 'june'])
  })

  it('for a calendar has what is due in a span, drafts with a time included, the soonest first', async () => {
    const span = 'from=2099-05-01T00:00:00Z&to=2099-06-02T00:00:00Z'
    expect((await list(span)).names).toEqual(['may', 'draft', 'june'])
    const first = await list(`${span}&limit=2`)
    expect((await list(`${span}&limit=2&cursor=${first.next}`)).names).toEqual(['june'])
    expect((await list('from=2099-05-01T07:00:00Z&to=2099-05-15T07:00:00Z')).names).toEqual(['may'])
  })

  it('has what was due last at its head when asked for the latest, page by page', async () => {
    expect((await list('order=latest')).names).toEqual(['june', 'draft', 'may'])
    expect((await list('order=latest&state=scheduled')).names).toEqual(['june', 'may'])
    const first = await list('order=latest&limit=1')
    expect((await list(`order=latest&limit=1&cursor=${first.next}`)).names).toEqual(['draft'])
    expect((await list('order=soonest&limit=2')).names).toEqual(['may', 'draft'])
  })

  it.each([
    ['search=MAY', ['may']],
    ['search=quite_another', ['own']],
    ['search=quitexanother', []],
    ['search=100%25', ['june']],
    ['search=%25', ['june']],
    ['state=draft', ['own', 'loose', 'draft']],
    ['state=scheduled', ['may', 'june']],
    ['state=scheduled&search=june', ['june']],
  ])('filtered by %s has %j', async (query, expected) => {
    expect((await list(query)).names).toEqual(expected)
  })

  it('filtered by channel or network has what goes there', async () => {
    const [one, two] = channels
    expect((await list(`channelId=${two?.id}`)).names).toEqual(['own', 'may'])
    expect((await list(`network=${one?.network}`)).names).toEqual(['own', 'june'])
  })

  it.each([
    'limit=0',
    'limit=-5',
    'limit=many',
    'state=odd',
    'from=soon',
    'cursor=%00',
    'cursor=Zg',
    'search=%00',
  ])('asked for %s is refused with a problem', async (query) => {
    const { status, body } = await product.call('GET', `/posts?${query}`)
    expect({ status, code: body.code }).toEqual({ status: expect.any(Number), code: 'invalid_input' })
    expect(status).toBeLessThan(500)
  })

  it('follows a country that changes its clocks, and only then', async () => {
    const { system } = product.product
    const { db } = system
    expect(await rescheduleMoved(system)).toBe(0)
    // As if it had been resolved by rules of an hour's difference.
    const earlier = '2099-06-01T06:00:00Z'
    await sql`update post set due_at = ${earlier} where id = ${ids['june']}`.execute(db)
    await sql`update delivery set due_at = ${earlier}, next_at = ${earlier} where post_id = ${ids['june']}`.execute(
      db,
    )
    expect(await rescheduleMoved(system)).toBe(1)
    const { body } = await product.call('GET', `/posts/${ids['june']}`)
    const due = '2099-06-01T07:00:00.000Z'
    expect(body).toMatchObject({
      dueAt: due,
      at: '2099-06-01T09:00:00',
      deliveries: [{ dueAt: due, nextAt: due }],
    })
    expect(await rescheduleMoved(system)).toBe(0)
  })

  it('shows readings of posts that have any, the latest of each metric', async () => {
    const { db } = product.product.system
    const { rows } = await sql<{ id: string; channelId: string }>`
      update delivery set state = 'published', next_at = null, published_at = now() where post_id = ${ids['may']}
      returning id, channel_id as "channelId"`.execute(db)
    const [delivery] = rows
    for (const [metric, value, at] of [
      ['likes', 3, '2026-01-01T00:00:00Z'],
      ['likes', 5, '2026-01-02T00:00:00Z'],
      ['views', 70, '2026-01-01T12:00:00Z'],
    ] as const)
      await sql`insert into reading (id, workspace_id, channel_id, delivery_id, metric, remote_name, value, version, read_at)
        values (${newId('rdg')}, ${product.workspaceId}, ${delivery?.channelId}, ${delivery?.id}, ${metric}, ${metric}, ${value}, '1', ${at})`.execute(
        db,
      )
    const { body } = await product.call('GET', `/metrics?postId=${ids['may']}`)
    expect(body.items).toMatchObject([
      { deliveryId: delivery?.id, readAt: '2026-01-02T00:00:00.000Z', metrics: { likes: 5, views: 70 } },
    ])
    expect((await product.call('GET', `/posts/${ids['may']}/readings`)).body.items).toHaveLength(3)
    const likes = await product.call('GET', `/posts/${ids['may']}/readings?metric=likes`)
    expect(likes.body.items).toMatchObject([{ value: 3 }, { value: 5 }])
  })
})

describe('the prices of networks', () => {
  it('are in one currency, because they are added up', () => {
    const currencies = networks.map(({ definition }) => definition.priceBook.currency)
    expect(new Set(currencies).size).toBe(1)
  })
})
