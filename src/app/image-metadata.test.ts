import fc from 'fast-check'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { withoutMetadata } from './image-metadata.ts'

const source = sharp({
  create: {
    width: 60,
    height: 40,
    channels: 3,
    background: '#888',
    noise: { type: 'gaussian', mean: 128, sigma: 40 },
  },
})
const images = {
  jpeg: await source
    .clone()
    .jpeg({ restartInterval: 2 } as object)
    .toBuffer(),
  progressive: await source.clone().jpeg({ progressive: true }).toBuffer(),
  png: await source.clone().png({ progressive: true }).toBuffer(),
  gif: await source.clone().gif().toBuffer(),
  webp: await source.clone().webp().toBuffer(),
}
const formatOf = (name: string) => (name === 'progressive' ? 'jpeg' : name)

describe.each(Object.entries(images))('%s', (name, image) => {
  const format = formatOf(name)

  it('without metadata keeps every pixel', async () => {
    const kept = withoutMetadata(image, format, 1)
    expect(kept).not.toBe(null)
    expect(
      await sharp(kept ?? image)
        .raw()
        .toBuffer(),
    ).toEqual(await sharp(image).raw().toBuffer())
  })

  it('damaged anywhere is cleaned or given up, never a crash', () => {
    const damage = fc.array(fc.tuple(fc.nat(image.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 })
    fc.assert(
      fc.property(damage, fc.nat(image.length), (bytes, length) => {
        const broken = Buffer.from(image.subarray(0, length))
        for (const [at, value] of bytes) if (at < length) broken[at] = value
        const kept = withoutMetadata(broken, format, 6)
        expect(kept === null || kept.length < image.length + 200).toBe(true)
      }),
      { numRuns: 500 },
    )
  })
})

describe('a GIF', () => {
  it('loses its comments and foreign blocks', () => {
    const { gif } = images
    const comment = Buffer.concat([Buffer.from([0x21, 0xfe, 6]), Buffer.from('Secret'), Buffer.from([0])])
    const xmp = Buffer.concat([
      Buffer.from([0x21, 0xff, 11]),
      Buffer.from('XMP DataXMP'),
      Buffer.from([6]),
      Buffer.from('Secret\0'),
    ])
    const head = 13 + ((gif[10] ?? 0) & 0x80 ? 3 * 2 ** (((gif[10] ?? 0) & 7) + 1) : 0)
    const telling = Buffer.concat([gif.subarray(0, head), comment, xmp, gif.subarray(head)])
    expect(withoutMetadata(telling, 'gif', 1)).toEqual(withoutMetadata(gif, 'gif', 1))
  })
})
