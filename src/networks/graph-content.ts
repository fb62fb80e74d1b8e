/** What one of Meta's networks would refuse, by its definition, told before a container is spent on it. */
import { composed } from '#domain/composed.ts'
import type { PublishOutcome } from '#domain/delivery.ts'
import { textProblems, type TextRules } from '#domain/text.ts'
import type { DeliveryImage, DeliveryPayload, NetworkDefinition } from './contract.ts'

export function refusedContent(code: string, message: string): PublishOutcome {
  return { kind: 'refused', fix: 'content', reason: { code, message } }
}

export function contentProblem(
  definition: NetworkDefinition,
  payload: DeliveryPayload,
): PublishOutcome | null {
  const { name } = definition
  const { images } = payload
  const { maxCount } = definition.images.value
  const { text, link } = composed(payload, definition.linkPlacement)
  if (definition.needsImage && images.length === 0)
    return refusedContent('image_required', `${name} takes no post without an image. Add at least one.`)
  if (text.trim() === '' && images.length === 0)
    return refusedContent('post_empty', `${name} takes no post without text or image. Write something.`)
  if (images.length > maxCount)
    return refusedContent('too_many_images', `${name} takes up to ${maxCount} images. Remove some.`)
  const tooLong = textProblem(name, definition.text.value, text, link)
  if (tooLong) return tooLong
  for (const image of images) {
    const found = imageProblem(definition, image)
    if (found) return found
  }
  return null
}

export function textProblem(
  name: string,
  rules: TextRules,
  text: string,
  card?: string,
): PublishOutcome | null {
  const [problem] = textProblems(text, rules, card)
  if (!problem) return null
  const { code, actual, allowed } = problem
  return refusedContent(code, `The text has ${actual} ${units[code]}; ${name} takes ${allowed}. Shorten it.`)
}

const units = {
  text_too_long: 'characters',
  text_too_large: 'bytes of text',
  too_many_hashtags: 'hashtags',
  too_many_mentions: 'mentions',
  too_many_links: 'links',
} as const

function imageProblem({ name, images }: NetworkDefinition, image: DeliveryImage): PublishOutcome | null {
  const { types, maxBytes, maxAltLength = Infinity, aspect } = images.value
  if (!types.includes(image.mimeType)) {
    const taken = types.map((type) => type.replace('image/', '').toUpperCase()).join(' and ')
    return refusedContent('image_type', `${name} takes ${taken} images only. Convert the image.`)
  }
  if (image.bytes > maxBytes)
    return refusedContent('image_too_large', `An image is over ${maxBytes} bytes. Make it smaller.`)
  if (Array.from(image.altText).length > maxAltLength) {
    const message = `An alternative text is over ${maxAltLength} characters. Shorten it.`
    return refusedContent('alt_text_too_long', message)
  }
  const ratio = image.width / image.height
  // A hundredth of tolerance: 1080 × 566 is 1.908 and 864 × 1081 is meant to be 4:5.
  if (aspect && (ratio < aspect.min - 0.01 || ratio > aspect.max + 0.01)) {
    const range = `${aspect.min} to ${aspect.max}`
    return refusedContent(
      'image_aspect',
      `An image is too tall or too wide. Crop it to a width to height from ${range}.`,
    )
  }
  return null
}
