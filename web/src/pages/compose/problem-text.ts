/** What a network would refuse, in the person's language. */
import { formatBytes } from '../../format.ts'
import { hasText, t } from '../../i18n.tsx'
import type { DryRun } from './dry-run.ts'

type Problem = DryRun['verdicts'][number]['problems'][number]

export function problemText({ code, message, params }: Problem): string {
  if (!hasText(`verdict.${code}`)) return message
  const readable = Object.entries(params).map(([name, value]) => [name, inWords(code, value)])
  return t(`verdict.${code}`, Object.fromEntries(readable) as Problem['params'])
}

const types: Record<string, string> = {
  'image/jpeg': 'JPEG',
  'image/png': 'PNG',
  'image/gif': 'GIF',
  'image/webp': 'WebP',
}

/** Sizes and types as people know them. */
function inWords(code: string, value: string | number): string | number {
  if (code === 'image_too_large' && typeof value === 'number') return formatBytes(value)
  if (code === 'image_type' && typeof value === 'string')
    return value.replaceAll(/image\/\w+/g, (type) => types[type] ?? type)
  return value
}
