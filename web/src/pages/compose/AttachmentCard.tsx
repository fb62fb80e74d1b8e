/** One picture of the post: how it looks, how far it is, what it shows in words. */
import type { ReactNode } from 'react'
import { t } from '../../i18n.tsx'
import { Icon } from '../../ui/icons.tsx'
import { IconButton } from '../../ui/IconButton.tsx'
import { ProgressBar } from '../../ui/ProgressBar.tsx'
import { TextArea } from '../../ui/TextArea.tsx'
import type { Attachment } from './content.ts'

type Props = {
  attachment: Attachment
  position: number
  count: number
  maxAltLength: number | undefined
  onAltText: (text: string) => void
  onRemove: () => void
  onMove: (to: number) => void
}

export function AttachmentCard({
  attachment,
  position,
  count,
  maxAltLength,
  onAltText,
  onRemove,
  onMove,
}: Props): ReactNode {
  const { fileName, upload, altText } = attachment
  const length = [...altText].length
  const isTooLong = maxAltLength !== undefined && length > maxAltLength
  return (
    <li className="flex flex-col gap-3 rounded-lg border border-line p-3 sm:flex-row">
      <img
        src={attachment.thumbnail}
        alt=""
        className="h-32 w-full shrink-0 rounded-md bg-sunken object-contain sm:h-24 sm:w-28"
      />
      <div className="flex min-w-0 flex-1 flex-col gap-2">
        <div className="flex items-center gap-1">
          <span className="min-w-0 flex-1 truncate text-sm font-medium" title={fileName}>
            {fileName}
            {attachment.width !== null && attachment.height !== null && (
              <span className="ml-2 font-normal text-muted">
                {attachment.width} × {attachment.height}
              </span>
            )}
          </span>
          {count > 1 && (
            <>
              <IconButton
                icon="chevronUp"
                size="small"
                label={t('compose.media.earlier', { file: fileName })}
                isDisabled={position === 0}
                onPress={() => onMove(position - 1)}
              />
              <IconButton
                icon="chevronDown"
                size="small"
                label={t('compose.media.later', { file: fileName })}
                isDisabled={position === count - 1}
                onPress={() => onMove(position + 1)}
              />
            </>
          )}
          <IconButton
            icon="trash"
            size="small"
            label={t('compose.media.remove', { file: fileName })}
            onPress={onRemove}
          />
        </div>
        {upload.kind === 'running' && (
          <ProgressBar label={t('compose.media.uploading')} value={Math.round(upload.share * 100)} />
        )}
        {upload.kind === 'failed' && (
          <p role="alert" className="flex items-start gap-1.5 text-sm text-danger">
            <Icon name="error" size={16} />
            <span>
              {upload.problem.title}. {upload.problem.remedy}
            </span>
          </p>
        )}
        {upload.kind !== 'failed' && (
          <TextArea
            label={t('compose.media.alt')}
            placeholder={t('compose.media.altHint')}
            rows={2}
            value={altText}
            onChange={onAltText}
            isInvalid={isTooLong}
            description={
              maxAltLength === undefined ? undefined : (
                <span className={isTooLong ? 'text-danger' : ''}>
                  {t('compose.count.of', { length, max: maxAltLength })}
                </span>
              )
            }
          />
        )}
      </div>
    </li>
  )
}
