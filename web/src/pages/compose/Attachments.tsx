/** The pictures of the post: chosen, dropped or pasted; each with its alt text. */
import { lazy, type ReactNode, type RefObject, Suspense, useEffect, useRef, useState } from 'react'
import { FileTrigger } from 'react-aria-components'
import { t } from '../../i18n.tsx'
import { offline } from '../../problems.ts'
import { Button } from '../../ui/Button.tsx'
import { cx } from '../../ui/cx.ts'
import { Skeleton } from '../../ui/Skeleton.tsx'
import { previewUrl } from '../../preview-url.ts'
import type { Attachment } from './content.ts'

const AttachmentCard = lazy(async () => ({ default: (await import('./AttachmentCard.tsx')).AttachmentCard }))

type Props = {
  attachments: readonly Attachment[]
  maxAltLength: number | undefined
  postText: string
  /** MIME types any of the networks takes. */
  types: readonly string[]
  onChange: (edit: (before: readonly Attachment[]) => readonly Attachment[]) => void
}

export function Attachments({ attachments, maxAltLength, postText, types, onChange }: Props): ReactNode {
  const section = useRef<HTMLElement>(null)
  const uploads = useRef(new Map<string, { file: File; stop: () => void }>())
  const [said, setSaid] = useState('')
  const focus = useFocusAfterChange(section)
  useEffect(() => {
    const running = uploads.current
    // Who leaves the page has been asked before.
    return () => {
      for (const { stop } of running.values()) stop()
    }
  }, [])
  const patch = (key: string, part: Partial<Attachment>) =>
    onChange((before) =>
      before.map((attachment) => (attachment.key === key ? { ...attachment, ...part } : attachment)),
    )

  const send = (key: string, file: File, thumbnail: string) => {
    patch(key, { upload: { kind: 'running', share: 0 } })
    let isStopped = false
    let stop = () => {
      isStopped = true
    }
    uploads.current.set(key, { file, stop: () => stop() })
    void import('./upload.ts').then(
      ({ uploadFile }) => {
        if (isStopped) return
        stop = uploadFile(file, {
          onShare: (share) => patch(key, { upload: { kind: 'running', share } }),
          onDone: ({ id, width, height }) => {
            uploads.current.delete(key)
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
      },
      // The code for it comes with the first picture.
      () => patch(key, { upload: { kind: 'failed', problem: offline() } }),
    )
  }
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
    send(key, file, thumbnail)
  }
  const add = (files: Iterable<File>) => {
    for (const file of files) start(file)
  }
  usePastedImages(add)
  const isDragging = useDroppedFiles(add)

  const remove = ({ key, thumbnail }: Attachment) => {
    uploads.current.get(key)?.stop()
    uploads.current.delete(key)
    if (thumbnail.startsWith('blob:')) URL.revokeObjectURL(thumbnail)
    const index = attachments.findIndex((attachment) => attachment.key === key)
    const neighbour = attachments[index + 1] ?? attachments[index - 1]
    focus(neighbour ? `[data-picture="${neighbour.key}"] [data-does=remove]` : '[data-does=add]')
    onChange((before) => before.filter((attachment) => attachment.key !== key))
  }
  const retry = ({ key, thumbnail }: Attachment) => {
    const upload = uploads.current.get(key)
    if (upload) send(key, upload.file, thumbnail)
  }
  const move = ({ key, fileName }: Attachment, by: -1 | 1) => {
    const place = attachments.findIndex((attachment) => attachment.key === key) + by
    setSaid(t('compose.media.moved', { file: fileName, place: place + 1, count: attachments.length }))
    const here = `[data-picture="${key}"]`
    // At either end the button that was pressed can no longer be.
    const [same, other] = by < 0 ? ['earlier', 'later'] : ['later', 'earlier']
    focus(`${here} [data-does=${same}]:enabled`, `${here} [data-does=${other}]`)
    onChange((before) => {
      const from = before.findIndex((attachment) => attachment.key === key)
      const next = [...before]
      const [moved] = next.splice(from, 1)
      if (moved) next.splice(from + by, 0, moved)
      return next
    })
  }
  return (
    <section
      ref={section}
      aria-label={t('compose.media.title')}
      className="flex flex-col gap-3 rounded-xl border border-line bg-surface p-4 shadow-low sm:p-5"
    >
      <h2 className="text-sm font-medium">{t('compose.media.title')}</h2>
      {attachments.length > 0 && (
        <Suspense fallback={<Skeleton className="h-32" />}>
          <ul className="flex flex-col gap-3">
            {attachments.map((attachment, index) => (
              <AttachmentCard
                key={attachment.key}
                attachment={attachment}
                position={index}
                count={attachments.length}
                maxAltLength={maxAltLength}
                postText={postText}
                onAltText={(altText) => patch(attachment.key, { altText })}
                onRemove={() => remove(attachment)}
                onMove={(by) => move(attachment, by)}
                onRetry={() => retry(attachment)}
              />
            ))}
          </ul>
        </Suspense>
      )}
      <p role="status" className="sr-only">
        {said}
      </p>
      <div
        className={cx(
          'flex flex-wrap items-center gap-x-4 gap-y-2 rounded-lg border border-dashed px-4 py-3 transition-colors',
          isDragging ? 'border-accent bg-accent-soft' : 'border-line-strong/70',
        )}
      >
        <FileTrigger allowsMultiple acceptedFileTypes={types} onSelect={(files) => files && add(files)}>
          <Button icon="image" data-does="add">
            {t('compose.media.add')}
          </Button>
        </FileTrigger>
        <span className="text-sm text-muted pointer-coarse:hidden">
          {t(isDragging ? 'compose.media.drop' : 'compose.media.hint')}
        </span>
      </div>
    </section>
  )
}

/** Files are taken wherever on the page they are dropped; a browser would open them in its place. */
function useDroppedFiles(add: (files: File[]) => void): boolean {
  const [isDragging, setDragging] = useState(false)
  const latest = useRef(add)
  latest.current = add
  useEffect(() => {
    const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false
    const over = (event: DragEvent) => {
      if (!hasFiles(event)) return
      event.preventDefault()
      setDragging(true)
    }
    const leave = (event: DragEvent) => {
      if (event.relatedTarget === null) setDragging(false)
    }
    const drop = (event: DragEvent) => {
      if (!hasFiles(event)) return
      event.preventDefault()
      setDragging(false)
      latest.current([...(event.dataTransfer?.files ?? [])])
    }
    document.addEventListener('dragover', over)
    document.addEventListener('dragleave', leave)
    document.addEventListener('drop', drop)
    return () => {
      document.removeEventListener('dragover', over)
      document.removeEventListener('dragleave', leave)
      document.removeEventListener('drop', drop)
    }
  }, [])
  return isDragging
}

/** Where the focus goes once what was asked for is shown: to the first of these that is there. */
function useFocusAfterChange(root: RefObject<HTMLElement | null>): (...selectors: string[]) => void {
  const wanted = useRef<string[]>([])
  useEffect(() => {
    if (wanted.current.length === 0) return
    const found = wanted.current.flatMap(
      (selector) => root.current?.querySelector<HTMLElement>(selector) ?? [],
    )
    wanted.current = []
    found[0]?.focus()
  })
  return (...selectors) => {
    wanted.current = selectors
  }
}

/** A picture in the clipboard, wherever on the page it is pasted. */
function usePastedImages(add: (files: File[]) => void): void {
  const latest = useRef(add)
  latest.current = add
  useEffect(() => {
    const listen = (event: ClipboardEvent) => {
      const images = [...(event.clipboardData?.files ?? [])].filter((file) => file.type.startsWith('image/'))
      // Office programs put a picture of the text beside the text; who pastes while writing means the text.
      const isWriting =
        event.target instanceof HTMLTextAreaElement || event.target instanceof HTMLInputElement
      if (images.length === 0 || (isWriting && event.clipboardData?.getData('text/plain'))) return
      event.preventDefault()
      latest.current(images)
    }
    document.addEventListener('paste', listen)
    return () => document.removeEventListener('paste', listen)
  }, [])
}
