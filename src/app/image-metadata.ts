/**
 * Takes out of an image what tells more than the picture: place, device, names, editing history, previews.
 *
 * The picture itself is not coded anew, so nothing of its quality is lost: only the container's parts that
 * carry metadata are left out. Two things stay because the picture looks wrong without them: the colour
 * profile, and the orientation, which is all that is left of EXIF. Whatever follows the end of the image goes
 * too: phones append second images there, with an EXIF block of their own.
 *
 * Layouts: JPEG ITU T.81 annex B; PNG third edition §5; GIF89a; WebP container specification.
 */

import { crc32 } from 'node:zlib'

/** The image without metadata, or null where its structure is not understood. `orientation` is EXIF's, 1 to 8. */
export function withoutMetadata(data: Buffer, format: string, orientation: number): Buffer | null {
  try {
    switch (format) {
      case 'jpeg':
        return stripJpeg(data, orientation)
      case 'png':
        return stripPng(data, orientation)
      case 'gif':
        return stripGif(data)
      case 'webp':
        return stripWebp(data, orientation)
      default:
        return null
    }
  } catch (cause) {
    if (cause instanceof RangeError) return null
    throw cause
  }
}

/** EXIF with the orientation and nothing else: a TIFF header and a directory of one entry. */
function orientationOnly(orientation: number): Buffer {
  const tiff = Buffer.alloc(26)
  tiff.write('MM\0*', 'latin1')
  tiff.writeUInt32BE(8, 4)
  tiff.writeUInt16BE(1, 8)
  tiff.writeUInt16BE(0x0112, 10)
  tiff.writeUInt16BE(3, 12)
  tiff.writeUInt32BE(1, 14)
  tiff.writeUInt16BE(orientation, 18)
  return tiff
}

const marker = { startOfScan: 0xda, endOfImage: 0xd9, firstRestart: 0xd0, lastRestart: 0xd7 } as const

function stripJpeg(data: Buffer, orientation: number): Buffer | null {
  if (data.readUInt16BE(0) !== 0xffd8) return null
  const parts = [data.subarray(0, 2)]
  if (orientation > 1) parts.push(jpegExif(orientation))
  let at = 2
  for (;;) {
    // Fill bytes may stand before any marker.
    while (data.readUInt8(at) === 0xff && data.readUInt8(at + 1) === 0xff) at += 1
    if (data.readUInt8(at) !== 0xff) return null
    const type = data.readUInt8(at + 1)
    if (type === marker.endOfImage) return Buffer.concat([...parts, data.subarray(at, at + 2)])
    const headEnd = at + 2 + data.readUInt16BE(at + 2)
    const end = type === marker.startOfScan ? scanEnd(data, headEnd) : headEnd
    if (end > data.length) return null
    const segment = data.subarray(at, end)
    if (isJpegPart(type, segment)) parts.push(segment)
    at = end
  }
}

function jpegExif(orientation: number): Buffer {
  const body = Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), orientationOnly(orientation)])
  const head = Buffer.from([0xff, 0xe1, 0, 0])
  head.writeUInt16BE(body.length + 2, 2)
  return Buffer.concat([head, body])
}

/** Comments go, and of the application segments all but JFIF, the colour profile and Adobe's colour transform. */
function isJpegPart(type: number, segment: Buffer): boolean {
  if (type === 0xfe) return false
  if (type < 0xe0 || type > 0xef) return true
  const name = segment.toString('latin1', 4, 16)
  if (type === 0xe0) return name.startsWith('JFIF\0')
  if (type === 0xe2) return name.startsWith('ICC_PROFILE\0')
  return type === 0xee && name.startsWith('Adobe')
}

/** Where the coded data of a scan ends: at the first marker that is neither a stuffed zero nor a restart. */
function scanEnd(data: Buffer, from: number): number {
  for (let at = from; ; at += 1) {
    at = data.indexOf(0xff, at)
    if (at < 0) throw new RangeError('the scan has no end')
    const next = data.readUInt8(at + 1)
    const isData = next === 0 || next === 0xff || (next >= marker.firstRestart && next <= marker.lastRestart)
    if (!isData) return at
  }
}

/** The chunks that make up the picture, its colours, its transparency and its animation. */
const pngChunks: ReadonlySet<string> = new Set(
  'IHDR PLTE IDAT IEND tRNS cHRM gAMA iCCP sBIT sRGB cICP mDCV cLLI bKGD hIST pHYs sPLT acTL fcTL fdAT'.split(
    ' ',
  ),
)

function stripPng(data: Buffer, orientation: number): Buffer | null {
  if (data.toString('latin1', 0, 8) !== '\x89PNG\r\n\x1a\n') return null
  const parts = [data.subarray(0, 8)]
  let at = 8
  for (;;) {
    const end = at + 12 + data.readUInt32BE(at)
    if (end > data.length) return null
    const type = data.toString('latin1', at + 4, at + 8)
    if (pngChunks.has(type)) parts.push(data.subarray(at, end))
    if (type === 'IHDR' && orientation > 1) parts.push(pngExif(orientation))
    if (type === 'IEND') return Buffer.concat(parts)
    at = end
  }
}

function pngExif(orientation: number): Buffer {
  const body = Buffer.concat([Buffer.from('eXIf', 'latin1'), orientationOnly(orientation)])
  const length = Buffer.alloc(4)
  length.writeUInt32BE(body.length - 4)
  const check = Buffer.alloc(4)
  check.writeUInt32BE(crc32(body))
  return Buffer.concat([length, body, check])
}

const gif = {
  extension: 0x21,
  image: 0x2c,
  end: 0x3b,
  application: 0xff,
  comment: 0xfe,
  plainText: 0x01,
} as const

function stripGif(data: Buffer): Buffer | null {
  if (!/^GIF8[79]a$/.test(data.toString('latin1', 0, 6))) return null
  let at = 13 + colourTableBytes(data.readUInt8(10))
  const parts = [data.subarray(0, at)]
  for (;;) {
    const start = at
    const type = data.readUInt8(at)
    if (type === gif.end) return Buffer.concat([...parts, data.subarray(at, at + 1)])
    if (type === gif.image) at += 11 + colourTableBytes(data.readUInt8(at + 9))
    else if (type === gif.extension) at += 2
    else return null
    at = subBlocksEnd(data, at)
    if (type === gif.image || isGifPart(data, start)) parts.push(data.subarray(start, at))
  }
}

function colourTableBytes(flags: number): number {
  return flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0
}

function subBlocksEnd(data: Buffer, from: number): number {
  let at = from
  while (data.readUInt8(at) !== 0) at += 1 + data.readUInt8(at)
  return at + 1
}

/** Comments and foreign applications go; how often an animation repeats and the colour profile stay. */
function isGifPart(data: Buffer, at: number): boolean {
  const label = data.readUInt8(at + 1)
  if (label !== gif.application) return label !== gif.comment && label !== gif.plainText
  return ['NETSCAPE2.0', 'ANIMEXTS1.0', 'ICCRGBG1012'].includes(data.toString('latin1', at + 3, at + 14))
}

const webpChunks: ReadonlySet<string> = new Set(['VP8X', 'VP8 ', 'VP8L', 'ALPH', 'ANIM', 'ANMF', 'ICCP'])
/** Bits of the flags in VP8X. */
const webpFlag = { exif: 0x08, xmp: 0x04 } as const

function stripWebp(data: Buffer, orientation: number): Buffer | null {
  if (data.toString('latin1', 0, 4) !== 'RIFF' || data.toString('latin1', 8, 12) !== 'WEBP') return null
  const fileEnd = 8 + data.readUInt32LE(4)
  if (fileEnd > data.length) return null
  const parts: Buffer[] = []
  let isExtended = false
  for (let at = 12; at < fileEnd;) {
    const type = data.toString('latin1', at, at + 4)
    const bytes = data.readUInt32LE(at + 4)
    const end = at + 8 + bytes + (bytes % 2)
    if (end > fileEnd) return null
    const chunk = Buffer.from(data.subarray(at, end))
    if (type === 'VP8X') {
      isExtended = true
      chunk[8] =
        (chunk.readUInt8(8) & ~(webpFlag.exif | webpFlag.xmp)) | (orientation > 1 ? webpFlag.exif : 0)
    }
    if (webpChunks.has(type)) parts.push(chunk)
    at = end
  }
  if (isExtended && orientation > 1) {
    const head = Buffer.from('EXIF\0\0\0\0', 'latin1')
    head.writeUInt32LE(26, 4)
    parts.push(head, orientationOnly(orientation))
  }
  const body = Buffer.concat([Buffer.from('WEBP', 'latin1'), ...parts])
  const head = Buffer.from('RIFF\0\0\0\0', 'latin1')
  head.writeUInt32LE(body.length, 4)
  return Buffer.concat([head, body])
}
