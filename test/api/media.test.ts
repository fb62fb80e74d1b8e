import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { removeStaleUploads, uploadFolder } from '#http/uploads.ts'
import { picture, upload } from '#test/support/posting.ts'
import { startTestProduct, type TestProduct } from '#test/support/product.ts'

let product: TestProduct

beforeAll(async () => {
  product = await startTestProduct()
})
afterAll(() => product.close())

const mediaDir = () => product.product.system.mediaDir
const stored = (id: string) => readFileSync(join(mediaDir(), id))
const files = () =>
  existsSync(mediaDir())
    ? readdirSync(mediaDir(), { withFileTypes: true }).filter((entry) => entry.isFile())
    : []

/** A landscape picture that EXIF turns upright, with a place, an artist and a description in it. */
async function telling(format: 'jpeg' | 'png' | 'webp'): Promise<Buffer> {
  const image = sharp({ create: { width: 400, height: 300, channels: 3, background: '#3c3' } })
    .withExif({
      IFD0: { Artist: 'Secret Artist' },
      IFD3: {
        GPSLatitudeRef: 'N',
        GPSLatitude: '52/1 30/1 0/1',
        GPSLongitudeRef: 'E',
        GPSLongitude: '13/1 24/1 0/1',
      },
    })
    .withXmp('<x:xmpmeta xmlns:x="adobe:ns:meta/">Secret History</x:xmpmeta>')
    .withMetadata({ orientation: 6 })
  return image.toFormat(format).toBuffer()
}

describe('an image in the library', () => {
  it.each(['jpeg', 'png', 'webp'] as const)(
    'as %s keeps its look and loses what tells of people and places',
    async (format) => {
      const original = await telling(format)
      expect(original.includes('Secret')).toBe(true)
      const { status, body } = await upload(product, original, `photo.${format}`)
      expect({ status, body }).toMatchObject({
        status: 201,
        body: { width: 300, height: 400, mimeType: `image/${format}` },
      })
      const kept = stored(body.id)
      expect(kept.length).toBe(body.bytes)
      expect(kept.includes('Secret')).toBe(false)
      const metadata = await sharp(kept).metadata()
      expect(metadata).toMatchObject({ orientation: 6, width: 400, height: 300 })
      expect(metadata.xmp).toBeUndefined()
      expect(metadata.exif?.length).toBeLessThan(60)
      expect(await pixels(kept)).toEqual(await pixels(original))
    },
  )

  it('loses what is hidden behind its end', async () => {
    const plain = await picture(64, 64)
    const { body } = await upload(
      product,
      Buffer.concat([plain, Buffer.from('Secret'), await telling('jpeg')]),
    )
    expect(stored(body.id).includes('Secret')).toBe(false)
    expect(await pixels(stored(body.id))).toEqual(await pixels(plain))
  })

  it('keeps an animation and its colour profile', async () => {
    const frames = await sharp({ create: { width: 20, height: 60, channels: 4, background: '#00f' } })
      .raw()
      .toBuffer()
    const gif = await sharp(frames, { raw: { width: 20, height: 60, channels: 4, pageHeight: 20 } })
      .gif({ loop: 3, delay: [50, 50, 50] })
      .toBuffer()
    const { body } = await upload(product, gif, 'a.gif')
    const before = await sharp(gif, { animated: true }).metadata()
    expect(await sharp(stored(body.id), { animated: true }).metadata()).toMatchObject({
      pages: before.pages,
      loop: before.loop,
      delay: before.delay,
    })
    const wide = await sharp(await picture(32, 32))
      .withIccProfile('p3')
      .jpeg()
      .toBuffer()
    const profile = (await sharp(wide).metadata()).icc
    expect(profile).toBeDefined()
    const kept = stored((await upload(product, wide)).body.id)
    expect((await sharp(kept).metadata()).icc).toEqual(profile)
  })

  it('is listed newest first, in pages, with its uses', async () => {
    const first = (await upload(product, await picture(30, 30), 'first.jpg')).body
    const second = (await upload(product, await picture(31, 31), 'second.jpg')).body
    await product.call('POST', '/posts', { body: { draft: true, attachments: [{ mediaFileId: first.id }] } })
    const page = (await product.call('GET', '/media?limit=1')).body
    expect(page).toMatchObject({
      items: [{ id: second.id, uses: 0, fileName: 'second.jpg' }],
      next: expect.any(String),
    })
    const next = (await product.call('GET', `/media?limit=1&cursor=${page.next}`)).body
    expect(next.items).toMatchObject([{ id: first.id, uses: 1 }])
  })

  it('is deleted with its previews, unless a post has it', async () => {
    const { id } = (await upload(product, await picture(40, 40))).body
    await product.fetch(`/api/v1/media/${id}/preview?width=320`)
    const draft = (
      await product.call('POST', '/posts', { body: { draft: true, attachments: [{ mediaFileId: id }] } })
    ).body
    expect(await product.call('DELETE', `/media/${id}`)).toMatchObject({
      status: 409,
      body: { code: 'media_in_use' },
    })
    await product.call('DELETE', `/posts/${draft.id}`)
    expect(await product.call('DELETE', `/media/${id}`)).toMatchObject({ status: 200, body: { id } })
    expect(existsSync(join(mediaDir(), id))).toBe(false)
    expect(readdirSync(join(mediaDir(), 'previews')).filter((name) => name.startsWith(id))).toEqual([])
    expect((await product.call('DELETE', `/media/${id}`)).status).toBe(404)
  })

  it('is another workspace’s secret', async () => {
    const { id } = (await upload(product, await picture(40, 40))).body
    const { apiKey } = await product.addWorkspace()
    expect((await product.call('DELETE', `/media/${id}`, { key: apiKey })).status).toBe(404)
    expect((await product.call('GET', '/media', { key: apiKey })).body.items).toEqual([])
    const preview = await product.fetch(`/api/v1/media/${id}/preview`, {
      headers: { authorization: `Bearer ${apiKey}` },
    })
    expect(preview.status).toBe(404)
    expect((await fetch(`${product.url}/api/v1/media/${id}/preview`)).status).toBe(401)
  })
})

describe('a preview', () => {
  it('is a small upright WebP that a browser keeps', async () => {
    const { id } = (await upload(product, await telling('jpeg'))).body
    const answer = await product.fetch(`/api/v1/media/${id}/preview?width=320`)
    const image = await sharp(Buffer.from(await answer.arrayBuffer())).metadata()
    expect(image).toMatchObject({ format: 'webp', width: 300, height: 400 })
    expect(answer.headers.get('content-type')).toBe('image/webp')
    expect(answer.headers.get('cache-control')).toContain('private')
    const again = await product.fetch(`/api/v1/media/${id}/preview?width=320`, {
      headers: { 'if-none-match': answer.headers.get('etag') ?? '' },
    })
    expect(again.status).toBe(304)
    const other = await product.fetch(`/api/v1/media/${id}/preview?width=5000`)
    expect({ status: other.status, body: await other.json() }).toMatchObject({
      status: 422,
      body: { code: 'invalid_input' },
    })
  })
})

describe('what is no image', () => {
  const cases: Array<[string, () => Promise<Uint8Array> | Uint8Array, number, string]> = [
    ['a text', () => Buffer.from('Hello, this is no picture at all.'), 422, 'media_not_image'],
    ['nothing', () => Buffer.alloc(0), 422, 'media_not_image'],
    [
      'a drawing of vectors',
      () => Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'),
      422,
      'media_not_image',
    ],
    ['a JPEG cut off', async () => (await picture(800, 800)).subarray(0, 2_000), 422, 'media_unreadable'],
    ['a PNG that unpacks to 400 megapixels', bomb, 413, 'media_too_large'],
    ['41 MB', () => Buffer.alloc(41_000_000), 413, 'media_too_large'],
  ]
  it.each(cases)('%s is refused and leaves nothing behind', async (_what, make, status, code) => {
    const before = files().length
    const answer = await upload(product, await make())
    expect(answer).toMatchObject({ status, body: { code, remedy: expect.stringMatching(/\S/) } })
    expect(files().length).toBe(before)
  })
})

describe('a resumable upload', () => {
  const tus = (
    method: string,
    path: string,
    headers: Record<string, string>,
    body?: Uint8Array,
    key?: string,
  ) =>
    product.fetch(path, {
      method,
      headers: { 'tus-resumable': '1.0.0', ...(key ? { authorization: `Bearer ${key}` } : {}), ...headers },
      ...(body === undefined ? {} : { body: new Uint8Array(body) }),
    })
  const start = async (bytes: number, name = 'große.jpg', key?: string) => {
    const metadata = `filename ${Buffer.from(name).toString('base64')},workspaceId ${Buffer.from('wsp_forged').toString('base64')}`
    return tus(
      'POST',
      '/api/v1/uploads',
      { 'upload-length': String(bytes), 'upload-metadata': metadata },
      undefined,
      key,
    )
  }
  const patch = (url: string, offset: number, body: Uint8Array, key?: string) =>
    tus(
      'PATCH',
      url,
      { 'upload-offset': String(offset), 'content-type': 'application/offset+octet-stream' },
      body,
      key,
    )

  /** Announces all bytes, sends some, and is gone. */
  const breakOff = (url: string, part: Uint8Array, announced: number) =>
    new Promise<void>((resolve) => {
      const sent = request(product.url + url, {
        method: 'PATCH',
        headers: {
          authorization: `Bearer ${product.apiKey}`,
          'tus-resumable': '1.0.0',
          'upload-offset': '0',
          'content-type': 'application/offset+octet-stream',
          'content-length': String(announced),
        },
      })
      sent.on('error', () => resolve())
      sent.on('close', () => resolve())
      sent.write(part, () => setTimeout(() => sent.destroy(), 50))
    })

  it('goes on where it stopped and becomes a media file', async () => {
    const image = await telling('jpeg')
    const started = await start(image.length)
    expect(started.status).toBe(201)
    const url = started.headers.get('location') ?? ''
    expect(url).toMatch(/^\/api\/v1\/uploads\/[0-9a-f]{32}$/)
    expect((await patch(url, 0, image.subarray(0, 1_000))).headers.get('upload-offset')).toBe('1000')
    expect((await tus('HEAD', url, {})).headers.get('upload-offset')).toBe('1000')
    const wrong = await patch(url, 10, image.subarray(10))
    expect({ status: wrong.status, body: await wrong.json() }).toMatchObject({
      status: 409,
      body: { code: 'conflict' },
    })
    const done = await patch(url, 1_000, image.subarray(1_000))
    const media = (await done.json()) as { id: string }
    expect({ status: done.status, media }).toMatchObject({
      status: 200,
      media: { fileName: 'große.jpg', width: 300, height: 400 },
    })
    expect(stored(media.id).includes('Secret')).toBe(false)
    // Who lost that answer asks again.
    const head = await tus('HEAD', url, {})
    expect(head.headers.get('litfass-media-id')).toBe(media.id)
    expect(head.headers.get('upload-offset')).toBe(String(image.length))
    expect(
      readFileSync(join(uploadFolder(product.product.system), url.split('/').at(-1) ?? '')).some(
        (byte) => byte !== 0,
      ),
    ).toBe(false)
  })

  it('survives a connection that breaks in the middle', async () => {
    const image = await noise()
    const url = (await start(image.length)).headers.get('location') ?? ''
    await breakOff(url, image.subarray(0, image.length / 2), image.length)
    let offset = 0
    for (let round = 0; offset === 0 && round < 100; round += 1) {
      await new Promise((resolve) => setTimeout(resolve, 20))
      offset = Number((await tus('HEAD', url, {})).headers.get('upload-offset'))
    }
    expect(offset).toBeGreaterThan(0)
    const done = await patch(url, offset, image.subarray(offset))
    expect(done.status).toBe(200)
    expect(stored(((await done.json()) as { id: string }).id)).toEqual(image)
  })

  it('of 100 MB is refused before its first byte', async () => {
    const folder = uploadFolder(product.product.system)
    const before = readdirSync(folder).length
    const answer = await start(100_000_000)
    expect({ status: answer.status, body: await answer.json() }).toMatchObject({
      status: 413,
      body: { code: 'media_too_large', remedy: expect.stringMatching(/\S/) },
    })
    expect(readdirSync(folder).length).toBe(before)
    const unknown = await tus('POST', '/api/v1/uploads', { 'upload-defer-length': '1' })
    expect(unknown.status).toBe(422)
  })

  it('of what is no image is refused at its end and leaves nothing behind', async () => {
    const text = Buffer.from('This is no picture.')
    const url = (await start(text.length, 'notes.txt')).headers.get('location') ?? ''
    const answer = await patch(url, 0, text)
    expect({ status: answer.status, body: await answer.json() }).toMatchObject({
      status: 422,
      body: { code: 'media_not_image', title: expect.stringContaining('notes.txt') },
    })
    expect((await tus('HEAD', url, {})).status).toBe(404)
  })

  it('is invisible to another workspace and to nobody at all', async () => {
    const { apiKey } = await product.addWorkspace()
    const url = (await start(500)).headers.get('location') ?? ''
    for (const method of ['HEAD', 'DELETE'])
      expect((await tus(method, url, {}, undefined, apiKey)).status).toBe(404)
    expect((await patch(url, 0, Buffer.alloc(10), apiKey)).status).toBe(404)
    expect(
      (await fetch(product.url + url, { method: 'HEAD', headers: { 'tus-resumable': '1.0.0' } })).status,
    ).toBe(401)
    for (const odd of ['..%2f..%2fmaster.key', 'x', '%00'])
      expect((await tus('HEAD', `/api/v1/uploads/${odd}`, {})).status).toBeGreaterThanOrEqual(400)
    expect((await tus('DELETE', url, {})).status).toBe(204)
  })

  it('that nobody finishes is gone after 24 hours', async () => {
    const url = (await start(500)).headers.get('location') ?? ''
    await patch(url, 0, Buffer.alloc(100))
    const folder = uploadFolder(product.product.system)
    const file = join(folder, url.split('/').at(-1) ?? '')
    const hours = (count: number) => new Date(Date.now() + count * 3_600_000)
    await removeStaleUploads(folder, hours(23))
    expect(statSync(file).size).toBe(100)
    expect(await removeStaleUploads(folder, hours(25))).toBeGreaterThan(0)
    expect(existsSync(file)).toBe(false)
    expect((await tus('HEAD', url, {})).status).toBe(404)
  })
})

/** A PNG that does not compress. */
function noise(): Promise<Buffer> {
  const grain = { type: 'gaussian', mean: 128, sigma: 60 } as const
  return sharp({ create: { width: 700, height: 700, channels: 3, background: '#888', noise: grain } })
    .png()
    .toBuffer()
}

function pixels(data: Buffer): Promise<Buffer> {
  return sharp(data).autoOrient().raw().toBuffer()
}

/** One colour compresses well: about 50 kB for 20,000 × 20,000. */
function bomb(): Promise<Buffer> {
  return sharp({
    create: { width: 20_000, height: 20_000, channels: 3, background: '#000' },
    limitInputPixels: false,
  })
    .png({ palette: true, colours: 2 })
    .toBuffer()
}
