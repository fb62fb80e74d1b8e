/** One picture for every post that has one. */
import sharp from 'sharp'

export const picture: Uint8Array = new Uint8Array(
  await sharp({ create: { width: 640, height: 640, channels: 3, background: '#2a6' } })
    .jpeg()
    .toBuffer(),
)
