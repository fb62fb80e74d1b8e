/** What a network would refuse, found before anything is saved. Derived from definitions only. */
import { textLength, textProblems, type TextRules } from '#domain/text.ts'
import type { NetworkDefinition } from '#networks/contract.ts'

/** `code` and `params` are for translation, `message` is English. */
export type Problem = { code: string; message: string; params: Record<string, string | number> }

export type ImageToSend = {
  fileName: string
  mimeType: string
  bytes: number
  width: number
  height: number
  altText: string
}

/** Every reason why this variant could not go out on this network; empty when it can. */
export function problemsOf(
  definition: NetworkDefinition,
  text: string,
  images: readonly ImageToSend[],
): Problem[] {
  const network = definition.name
  const problems = textProblemsOf(network, text, definition.text.value)
  if (definition.needsImage && images.length === 0)
    problems.push({ code: 'image_required', message: `${network} needs an image`, params: { network } })
  else if (text.trim() === '' && images.length === 0)
    problems.push({ code: 'post_empty', message: `${network} needs a text or an image`, params: { network } })
  const allowed = definition.images.value.maxCount
  if (images.length > allowed)
    problems.push({
      code: 'too_many_images',
      message: `${network} takes at most ${allowed} images; this has ${images.length}`,
      params: { network, actual: images.length, allowed },
    })
  const lonely = images.length > 1 && images.find(({ mimeType }) => isAlone(definition, mimeType))
  if (lonely) {
    const { fileName, mimeType } = lonely
    problems.push({
      code: 'image_not_alone',
      message: `${fileName} is ${mimeType}; ${network} takes one such image in a post, and none beside it`,
      params: { network, fileName, actual: mimeType },
    })
  }
  for (const image of images) problems.push(...imageProblems(definition, image))
  return problems
}

function isAlone(definition: NetworkDefinition, mimeType: string): boolean {
  return definition.images.value.alone?.includes(mimeType) ?? false
}

/** Everything about a text that a network would refuse; `prefix` begins the codes where it is not the post's. */
export function textProblemsOf(
  network: string,
  text: string,
  rules: TextRules,
  prefix: '' | 'comment_' = '',
): Problem[] {
  const what = prefix === '' ? 'this text' : 'this comment'
  return textProblems(text, rules).map(({ code, actual, allowed }) => ({
    code: `${prefix}${code}`,
    message: `${network} takes at most ${allowed} ${units[code]}; ${what} has ${actual}`,
    params: { network, actual, allowed },
  }))
}

/** Length in the network's own counting, and the most it takes. */
export function lengthOf(definition: NetworkDefinition, text: string): { length: number; maxLength: number } {
  return { length: textLength(text, definition.text.value), maxLength: definition.text.value.maxLength }
}

const units = {
  text_too_long: 'characters',
  text_too_large: 'bytes of text',
  too_many_hashtags: 'hashtags',
  too_many_mentions: 'mentions',
  too_many_links: 'links',
} as const

function imageProblems(definition: NetworkDefinition, image: ImageToSend): Problem[] {
  const rules = definition.images.value
  const { fileName, width, height, bytes, mimeType } = image
  const common = { network: definition.name, fileName }
  const problems: Problem[] = []
  const add = (code: string, message: string, params: Problem['params']) =>
    problems.push({ code, message: `${fileName} ${message}`, params: { ...common, ...params } })
  if (!rules.types.includes(mimeType)) {
    const allowed = rules.types.join(', ')
    add('image_type', `is ${mimeType}; ${definition.name} takes ${allowed}`, { actual: mimeType, allowed })
  }
  const maxBytes = rules.maxBytesOf?.[mimeType] ?? rules.maxBytes
  if (bytes > maxBytes) {
    const params = { actual: bytes, allowed: maxBytes }
    add('image_too_large', `has ${bytes} bytes; ${definition.name} takes at most ${maxBytes}`, params)
  }
  const aspect = width / height
  if (rules.aspect && (aspect < rules.aspect.min || aspect > rules.aspect.max)) {
    const { min, max } = rules.aspect
    const message = `is ${width}×${height}; ${definition.name} takes ratios of width to height from ${min} to ${max}`
    add('image_aspect', message, { width, height, min, max })
  }
  if (rules.minWidth !== undefined && width < rules.minWidth) {
    const params = { actual: width, allowed: rules.minWidth }
    add('image_too_small', `is ${width} pixels wide; ${definition.name} needs ${rules.minWidth}`, params)
  }
  if (rules.maxPixels !== undefined && width * height > rules.maxPixels) {
    const params = { actual: width * height, allowed: rules.maxPixels }
    add(
      'image_too_many_pixels',
      `has ${width * height} pixels; ${definition.name} takes at most ${rules.maxPixels}`,
      params,
    )
  }
  const altLength = [...image.altText].length
  if (rules.maxAltLength !== undefined && altLength > rules.maxAltLength) {
    const params = { actual: altLength, allowed: rules.maxAltLength }
    const message = `has an alt text of ${altLength} characters; ${definition.name} takes at most ${rules.maxAltLength}`
    add('alt_text_too_long', message, params)
  }
  return problems
}
