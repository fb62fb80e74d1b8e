/** The pictures of the post: chosen, dropped or pasted; each with its alt text. */
import { type ReactNode, useEffect, useRef } from 'react'
import { DropZone, FileTrigger, type FileDropItem } from 'react-aria-components'
import { t } from '../../i18n.tsx'
import { Button } from '../../ui/Button.tsx'
import { AttachmentCard } from './AttachmentCard.tsx'
import { type Attachment, previewUrl } from './content.ts'
import { uploadFile } from './upload.ts'

type Props = {
  attachments: readonly Attachment[]
  maxAltLength: number | undefined
  /** MIME types any of the networks takes. */
  types: readonly string[]
  onChange: (edit: (before: readonly Attachment[]) => readonly Attachment[]) => void
}

export function Attachments({ attachments, maxAltLength, types, onChange }: Props): ReactNode {
  const stops = useRef(new Map<string, () => void>())
  const patch = (key: string, part: Partial<Attachment>) =>
    onChange((before) =>
      before.map((attachment) => (attachment.key === key ? { ...attachment, ...part } : attachment)),
    )

  const start = (file: File) => {
    const key = crypto.randomUUID()
    const thumbnail = URL.createObjectURL(file)
    const added: Attachment = {
      key,
      mediaFileId: null,
      fileName: file.name,
      altText: '',
      thumbnail,
      width: null,
      height: null,
      upload: { kind: 'running', share: 0 },
    }
    onChange((before) => [...before, added])
    const stop = uploadFile(file, {
      onShare: (share) => patch(key, { upload: { kind: 'running', share } }),
      onDone: ({ id, width, height }) => {
        patch(key, {
          mediaFileId: id,
          width,
          height,
          thumbnail: previewUrl(id, 320),
          upload: { kind: 'done' },
        })
        URL.revokeObjectURL(thumbnail)
      },
      onFailed: (problem) => patch(key, { upload: { kind: 'failed', problem } }),
    })
    stops.current.set(key, stop)
  }
  const add = (files: Iterable<File>) => {
    for (const file of files) start(file)
  }
  usePastedImages(add)

  const remove = (key: string) => {
    stops.current.get(key)?.()
    onChange((before) => before.filter((attachment) => attachment.key !== key))
  }
  const move = (from: number, to: number) =>
    onChange((before) => {
      const next = [...before]
      const [moved] = next.splice(from, 1)
      if (moved) next.splice(to, 0, moved)
      return next
    })
  return (
    <section
      aria-label={t('compose.media.title')}
      className="flex flex-col gap-3 rounded-xl border border-line bg-surface p-4 shadow-low sm:p-5"
    >
      <h2 className="text-sm font-medium">{t('compose.media.title')}</h2>
      {attachments.length > 0 && (
        <ul className="flex flex-col gap-3">
          {attachments.map((attachment, index) => (
            <AttachmentCard
              key={attachment.key}
              attachment={attachment}
              position={index}
              count={attachments.length}
              maxAltLength={maxAltLength}
              onAltText={(altText) => patch(attachment.key, { altText })}
              onRemove={() => remove(attachment.key)}
              onMove={(to) => move(index, to)}
            />
          ))}
        </ul>
      )}
      <DropZone
        aria-label={t('compose.media.drop')}
        getDropOperation={() => 'copy'}
        onDrop={(event) => void droppedFiles(event.items).then(add)}
        className="flex flex-wrap items-center gap-x-4 gap-y-2 rounded-lg border border-dashed border-line-strong/70 px-4 py-3 transition-colors data-drop-target:border-accent data-drop-target:bg-accent-soft"
      >
        <FileTrigger allowsMultiple acceptedFileTypes={types} onSelect={(files) => files && add(files)}>
          <Button icon="image">{t('compose.media.add')}</Button>
        </FileTrigger>
        <span className="text-sm text-muted pointer-coarse:hidden">{t('compose.media.hint')}</span>
      </DropZone>
    </section>
  )
}

async function droppedFiles(items: ReadonlyArray<{ kind: string }>): Promise<File[]> {
  const files = items.filter((item): item is FileDropItem => item.kind === 'file')
  return Promise.all(files.map((item) => item.getFile()))
}

/** A picture in the clipboard, wherever on the page it is pasted. */
function usePastedImages(add: (files: File[]) => void): void {
  const latest = useRef(add)
  latest.current = add
  useEffect(() => {
    const listen = (event: ClipboardEvent) => {
      const images = [...(event.clipboardData?.files ?? [])].filter((file) => file.type.startsWith('image/'))
      if (images.length === 0) return
      event.preventDefault()
      latest.current(images)
    }
    document.addEventListener('paste', listen)
    return () => document.removeEventListener('paste', listen)
  }, [])
}
