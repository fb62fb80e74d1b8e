/** The options that make up a post's content, and reading what they name. */
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { type Command, InvalidArgumentError } from 'commander'
import { LitfassError } from '#domain/errors.ts'
import type { Api } from '../api.ts'
import { many, readStdin, wrongUse } from '../use.ts'

type Media = { file: string; alt?: string }
export type Content = {
  text?: string
  textFile?: string
  channel?: string[]
  variant?: string[]
  firstComment?: string
  firstCommentFor?: string[]
  media: Media[]
}

/** Adds the options. What it returns gives the media in their order, each with the alt text that followed it. */
export function contentOptions(command: Command): () => Pick<Content, 'media'> {
  const media: Media[] = []
  command
    .option('--text <text>', 'Text; - reads it from standard input')
    .option('--text-file <file>', 'Text from a file')
    .option('--channel <id>', 'Channel; repeat for several', many)
    .option('--variant <channel=text>', 'Text of its own for a channel; repeat for several', variant)
    .option('--first-comment <text>', 'What the account itself writes below the post once it is live')
    .option(
      '--first-comment-for <channel=text>',
      'First comment of its own for a channel, or none (chn_…=); repeat for several',
      variant,
    )
    .option('--media <file>', 'Image, or the id of one in the library; repeat for several', (file) => {
      media.push({ file })
      return media
    })
    .option('--alt <text>', 'Alt text of the image before it', (text) => {
      const last = media.at(-1)
      if (!last) throw new InvalidArgumentError('It belongs after the --media that it describes.')
      if (last.alt !== undefined) throw new InvalidArgumentError(`${last.file} has an alt text already.`)
      last.alt = text
      return text
    })
  return () => ({ media })
}

function variant(value: string, previous?: string[]): string[] {
  if (!/^[^=]+=/.test(value)) throw new InvalidArgumentError('Write it like chn_…=The text.')
  return many(value, previous)
}

/** What was given of first comments; nothing where none was. */
export function readFirstComments({ firstComment, firstCommentFor }: Content) {
  return {
    ...(firstComment === undefined ? {} : { firstComment }),
    ...(firstCommentFor === undefined ? {} : { firstComments: readVariants(firstCommentFor) }),
  }
}

export function readVariants(variants: readonly string[] = []): Record<string, string> {
  return Object.fromEntries(
    variants.map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)]),
  )
}

/** Undefined where no text was given. */
export async function readText(options: Pick<Content, 'text' | 'textFile'>): Promise<string | undefined> {
  if (options.text !== undefined && options.textFile !== undefined)
    throw wrongUse('choose --text or --text-file, not both')
  if (options.textFile !== undefined) {
    const content = await readFile(options.textFile, 'utf8').catch((cause: unknown) => {
      throw new LitfassError('invalid_input', `${options.textFile} cannot be read`, {
        remedy: 'Check the path.',
        cause,
      })
    })
    return content.replace(/\r?\n$/, '')
  }
  return options.text === '-' ? (await readStdin()).replace(/\r?\n$/, '') : options.text
}

/** Uploads what is a file; what names a media file of the library is used as it is. */
export async function readAttachments(
  api: Api,
  media: readonly Media[],
): Promise<Array<{ mediaFileId: string; altText: string }>> {
  const attachments: Array<{ mediaFileId: string; altText: string }> = []
  for (const { file, alt = '' } of media) {
    const isInLibrary = file.startsWith('med_') && !existsSync(file)
    attachments.push({ mediaFileId: isInLibrary ? file : (await api.upload(file)).id, altText: alt })
  }
  return attachments
}
