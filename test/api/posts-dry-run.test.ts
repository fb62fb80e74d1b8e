import { sql } from 'kysely'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { problemsOf } from '#app/validate.ts'
import { addMoney } from '#domain/money.ts'
import { effectiveBook, priceAfter } from '#domain/prices.ts'
import { hasLink, textLength } from '#domain/text.ts'
import { networks } from '#networks/registry.ts'
import { pricesLinks } from '#test/support/link-prices.ts'
import { type Channel, connectSandbox, picture, settled, upload } from '#test/support/posting.ts'
import { startTestProduct, type TestProduct } from '#test/support/product.ts'

let product: TestProduct
let channels: Channel[]

beforeAll(async () => {
  product = await startTestProduct()
  channels = await connectSandbox(product)
})
afterAll(() => product.close())

const definitionOf = (channel: Channel) => {
  const network = networks.find(({ definition }) => definition.id === channel.network)
  if (!network) throw new Error(`no network ${channel.network}`)
  return network.definition
}
const dryRun = (body: Record<string, unknown>) => product.call('POST', '/posts/dry-run', { body })
const addImage = async (width: number, height: number, name?: string) =>
  (await upload(product, await picture(width, height), name)).body.id as string

describe('a dry run', () => {
  it('measures each text as its network does, and saves nothing', async () => {
    const text = 'Zürich 👩‍👩‍👧‍👦 https://example.com/a/rather/long/path?with=query'
    const count = async () =>
      (await sql<{ n: number }>`select count(*)::int as n from post`.execute(product.product.system.db))
        .rows[0]?.n
    const before = await count()
    const { status, body } = await dryRun({
      text,
      channelIds: channels.map(({ id }) => id),
      at: '2099-01-01T09:00',
    })
    expect(status).toBe(200)
    expect(body.dueAt).toBe('2099-01-01T08:00:00.000Z')
    for (const channel of channels) {
      const { text: rules } = definitionOf(channel)
      expect(
        body.verdicts.find((verdict: { channelId: string }) => verdict.channelId === channel.id),
      ).toMatchObject({
        length: textLength(text, rules.value),
        maxLength: rules.value.maxLength,
      })
    }
    expect(await count()).toBe(before)
  })

  it('names every reason with code, numbers and file, so that it can be said in any language', async () => {
    const channel = channels.find((candidate) => definitionOf(candidate).images.value.aspect)
    if (!channel) throw new Error('no network limits the shape of images')
    const { text, images, name: network } = definitionOf(channel)
    const mediaFileId = await addImage(2_000, 300, 'banner.jpg')
    const altText = 'a'.repeat((images.value.maxAltLength ?? 0) + 1)
    const { body } = await dryRun({
      text: 'x'.repeat(text.value.maxLength + 1),
      channelIds: [channel.id],
      attachments: [{ mediaFileId, altText }],
    })
    expect(body.verdicts[0].problems).toEqual([
      {
        code: 'text_too_long',
        message: expect.stringContaining(network),
        params: { network, actual: text.value.maxLength + 1, allowed: text.value.maxLength },
      },
      {
        code: 'image_aspect',
        message: expect.stringContaining('banner.jpg'),
        params: { network, fileName: 'banner.jpg', width: 2_000, height: 300, ...images.value.aspect },
      },
      {
        code: 'alt_text_too_long',
        message: expect.stringContaining('banner.jpg'),
        params: {
          network,
          fileName: 'banner.jpg',
          actual: altText.length,
          allowed: images.value.maxAltLength,
        },
      },
    ])
  })

  it('takes what stands alone on a network by itself, and not beside another image', async () => {
    const lonely = channels.filter((channel) => definitionOf(channel).images.value.alone)
    expect(lonely.length).toBeGreaterThan(0)
    const gif = await sharp(await picture(100, 100))
      .gif()
      .toBuffer()
    const moving = { mediaFileId: (await upload(product, gif, 'moving.gif')).body.id as string }
    const still = { mediaFileId: await addImage(100, 100) }
    const channelIds = lonely.map(({ id }) => id)
    const problems = async (...attachments: Array<{ mediaFileId: string }>) => {
      const { body } = await dryRun({ text: 'x', channelIds, attachments })
      return body.verdicts.map((verdict: { problems: unknown }) => verdict.problems)
    }
    expect(await problems(moving)).toEqual(lonely.map(() => []))
    expect(await problems(still, still)).toEqual(lonely.map(() => []))
    for (const files of [
      [still, moving],
      [moving, moving],
    ])
      expect(await problems(...files)).toMatchObject(
        lonely.map((channel) => [
          {
            code: 'image_not_alone',
            params: { network: definitionOf(channel).name, fileName: 'moving.gif', actual: 'image/gif' },
          },
        ]),
      )
  })

  it('weighs a type by a limit of its own where a network has one', () => {
    for (const { definition } of networks) {
      const { maxBytes, maxBytesOf = {}, types } = definition.images.value
      for (const mimeType of types) {
        const limit = maxBytesOf[mimeType] ?? maxBytes
        const image = { fileName: 'a', mimeType, width: 1_000, height: 1_000, altText: '' }
        const codes = (bytes: number) =>
          problemsOf(definition, 'x', [{ ...image, bytes }]).map(({ code }) => code)
        expect(codes(limit)).toEqual([])
        expect(codes(limit + 1)).toEqual(['image_too_large'])
      }
    }
  })

  it('asks for an image where a network needs one, and for anything at all elsewhere', async () => {
    const { body } = await dryRun({ text: ' ', channelIds: channels.map(({ id }) => id) })
    for (const [index, channel] of channels.entries())
      expect(body.verdicts[index].problems).toMatchObject([
        { code: definitionOf(channel).needsImage ? 'image_required' : 'post_empty' },
      ])
  })

  it('takes a draft without channels or with a time that has passed', async () => {
    expect(await dryRun({ draft: true, at: '2020-01-01T09:00' })).toMatchObject({
      status: 200,
      body: { verdicts: [] },
    })
    expect(await dryRun({ text: 'x' })).toMatchObject({ status: 422, body: { code: 'post_invalid' } })
  })

  it('prices exactly the calls that are charged when it is published', async () => {
    const attachments = [{ mediaFileId: await addImage(1_080, 1_080), altText: 'A red square' }]
    const text = 'See https://example.com/priced'
    const content = { text, channelIds: channels.map(({ id }) => id), attachments }
    const { body: foreseen } = await dryRun(content)
    const { body: created } = await product.call('POST', '/posts', { body: content })
    const post = await settled(product, created.id)
    expect(post.state).toBe('published')
    for (const delivery of post.deliveries) {
      const { body: receipt } = await product.call('GET', `/deliveries/${delivery.id}`)
      const charged = receipt.charges.filter(({ purpose }: { purpose: string }) => purpose === 'publish')
      const verdict = foreseen.verdicts.find(
        ({ channelId }: { channelId: string }) => channelId === delivery.channelId,
      )
      const sum = addMoney(charged, 'USD')
      expect({
        network: delivery.network,
        ...(verdict.cost ?? { amount: '0.000', currency: 'USD' }),
      }).toEqual({
        network: delivery.network,
        ...sum,
      })
      expect(delivery.cost).toEqual(sum)
    }
    const costs = foreseen.verdicts.flatMap(({ cost }: { cost: unknown }) => cost ?? [])
    expect(foreseen.cost).toEqual(addMoney(costs, 'USD'))
    expect(hasLink(text)).toBe(true)
  })

  it('prices a link by the text of that channel', async () => {
    const priced = channels.find((channel) => pricesLinks(definitionOf(channel)))
    if (!priced) throw new Error('no network prices links')
    const book = effectiveBook(definitionOf(priced).priceBook)
    const on = new Date().toISOString().slice(0, 10)
    const costOf = async (body: Record<string, unknown>) =>
      (await dryRun({ channelIds: [priced.id], ...body })).body.verdicts[0].cost
    const price = (isLink: boolean) =>
      priceAfter(
        book,
        { plan: book.defaultPlan, endpointClass: 'post.create', hasLink: isLink, on },
        { items: 1 },
      ).amount
    expect(await costOf({ text: 'plain' })).toEqual(price(false))
    expect(await costOf({ text: 'plain', variants: { [priced.id]: 'see example.com' } })).toEqual(price(true))
    expect(await costOf({ text: 'see example.com', variants: { [priced.id]: 'plain' } })).toEqual(
      price(false),
    )
  })
})
