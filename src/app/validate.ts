/** What a network would refuse, found before anything is saved. Derived from definitions only. */
import { textProblems } from '#domain/text.ts'
import type { NetworkDefinition } from '#networks/contract.ts'
import type { MediaFile } from './media.ts'

export type Problem = { code: string; message: string }

/** Every reason why this variant could not go out on this network; empty when it can. */
export function problemsOf(
  definition: NetworkDefinition,
  text: string,
  images: readonly MediaFile[],
): Problem[] {
  const problems: Problem[] = textProblems(text, definition.text.value).map((problem) => ({
    code: problem.code,
    message: `${definition.name} takes at most ${problem.allowed}; this has ${problem.actual}`,
  }))
  if (text.trim() === '' && images.length === 0)
    problems.push({ code: 'post_empty', message: `${definition.name} needs a text or an image` })
  if (definition.needsImage && images.length === 0)
    problems.push({ code: 'image_required', message: `${definition.name} needs an image` })
  const rules = definition.images.value
  if (images.length > rules.maxCount)
    problems.push({
      code: 'too_many_images',
      message: `${definition.name} takes at most ${rules.maxCount} images; this has ${images.length}`,
    })
  for (const image of images) problems.push(...imageProblems(definition, image))
  return problems
}

function imageProblems(definition: NetworkDefinition, image: MediaFile): Problem[] {
  const rules = definition.images.value
  const problems: Problem[] = []
  if (!rules.types.includes(image.mimeType)) {
    problems.push({
      code: 'image_type',
      message: `${definition.name} does not take ${image.mimeType} (${image.fileName}); it takes ${rules.types.join(', ')}`,
    })
  }
  if (image.bytes > rules.maxBytes) {
    problems.push({
      code: 'image_too_large',
      message: `${image.fileName} has ${image.bytes} bytes; ${definition.name} takes at most ${rules.maxBytes}`,
    })
  }
  const aspect = image.width / image.height
  if (rules.aspect && (aspect < rules.aspect.min || aspect > rules.aspect.max)) {
    problems.push({
      code: 'image_aspect',
      message: `${image.fileName} is ${image.width}×${image.height}; ${definition.name} takes ratios from ${rules.aspect.min} to ${rules.aspect.max}`,
    })
  }
  if (rules.minWidth !== undefined && image.width < rules.minWidth) {
    problems.push({
      code: 'image_too_small',
      message: `${image.fileName} is ${image.width} wide; ${definition.name} needs ${rules.minWidth}`,
    })
  }
  if (rules.maxPixels !== undefined && image.width * image.height > rules.maxPixels) {
    problems.push({
      code: 'image_too_many_pixels',
      message: `${image.fileName} has too many pixels for ${definition.name}`,
    })
  }
  return problems
}
