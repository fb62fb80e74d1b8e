/** What is being written, as the composer holds it, and as the API takes it. Pure. */
import type { Client, Output } from '../../api.ts'
import { previewUrl } from '../../preview-url.ts'
import type { Problem } from '../../problems.ts'

export type Post = Output<Client['posts']['show']>
export type Channel = Output<Client['channels']['list']>['items'][number]
export type Network = Output<Client['networks']['list']>['items'][number]

/** A picture of the post: on its way to the server, refused by it, or there. */
export type Attachment = {
  /** Stays the same while the picture is uploaded, for lists on the screen. */
  key: string
  mediaFileId: string | null
  fileName: string
  altText: string
  /** What the browser shows: the file itself, or the server's small copy. */
  thumbnail: string
  width: number | null
  height: number | null
  upload: { kind: 'done' } | { kind: 'running'; share: number } | { kind: 'failed'; problem: Problem }
}

export type Content = {
  text: string
  channelIds: readonly string[]
  /** Texts of their own by channel; one that is absent takes the shared text. */
  variants: Readonly<Record<string, string>>
  /** Written below the post by the account itself; empty for none. */
  firstComment: string
  /** First comments of their own by channel; empty for none there, absent takes the shared one. */
  firstComments: Readonly<Record<string, string>>
  attachments: readonly Attachment[]
  /** Wall time in the workspace's zone; null means as soon as possible. */
  at: string | null
}

export const emptyContent: Content = {
  text: '',
  channelIds: [],
  variants: {},
  firstComment: '',
  firstComments: {},
  attachments: [],
  at: null,
}

export function contentOf(post: Post): Content {
  return {
    text: post.text,
    channelIds: post.channelIds,
    variants: post.variants,
    firstComment: post.firstComment,
    firstComments: post.firstComments,
    attachments: post.attachments.map((file, index) => ({
      key: `${file.mediaFileId}-${index}`,
      mediaFileId: file.mediaFileId,
      fileName: file.fileName,
      altText: file.altText,
      thumbnail: previewUrl(file.mediaFileId, 320),
      width: file.width,
      height: file.height,
      upload: { kind: 'done' },
    })),
    at: post.at === null ? null : post.at.slice(0, 16),
  }
}

/** As the API takes it. Pictures that are not there yet are left out; the next save has them. */
export function inputOf(content: Content) {
  /** A channel that is not chosen any more takes its own texts with it. */
  const ofChosen = (texts: Content['variants']) =>
    Object.fromEntries(
      content.channelIds.flatMap((id) => {
        const text = texts[id]
        return text === undefined ? [] : [[id, text]]
      }),
    )
  return {
    text: content.text,
    channelIds: [...content.channelIds],
    variants: ofChosen(content.variants),
    firstComment: content.firstComment,
    firstComments: ofChosen(content.firstComments),
    attachments: content.attachments.flatMap(({ mediaFileId, altText }) =>
      mediaFileId === null ? [] : [{ mediaFileId, altText }],
    ),
    ...(content.at === null ? {} : { at: content.at }),
  }
}

export type PostInput = ReturnType<typeof inputOf>

/** Equal for contents that mean the same: in which order channels were chosen is no difference. */
export function markOf(content: Content): string {
  return JSON.stringify(inputOf({ ...content, channelIds: content.channelIds.toSorted() }))
}

export function isEmpty(content: Content): boolean {
  return (
    content.text.trim() === '' &&
    content.attachments.length === 0 &&
    Object.values(content.variants).every((text) => text.trim() === '') &&
    !hasFirstComment(content)
  )
}

export function isUploading(content: Content): boolean {
  return content.attachments.some((attachment) => attachment.upload.kind === 'running')
}

export function hasFirstComment({ firstComment, firstComments }: Content): boolean {
  return [firstComment, ...Object.values(firstComments)].some((text) => text.trim() !== '')
}

export function firstCommentFor(content: Content, channelId: string): string {
  return content.firstComments[channelId] ?? content.firstComment
}

export function textFor(content: Content, channelId: string): string {
  return content.variants[channelId] ?? content.text
}
