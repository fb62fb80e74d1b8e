/** One picture of the post: how it looks, how far it is, what it shows in words. */
import type { ReactNode } from 'react'
import { t } from '../../i18n.tsx'
import type { Problem } from '../../problems.ts'
import { Button } from '../../ui/Button.tsx'
import { Icon } from '../../ui/icons.tsx'
import { IconButton } from '../../ui/IconButton.tsx'
import { ProgressBar } from '../../ui/ProgressBar.tsx'
import { TextArea } from '../../ui/TextArea.tsx'
import type { Attachment } from './content.ts'
import { Help } from './Help.tsx'

type Props = {
  attachment: Attachment
  position: number
  count: number
  maxAltLength: number | undefined
  /** What an alt text may be suggested from. */
  postText: string
  onAltText: (text: string) => void
  onRemove: () => void
  onMove: (by: -1 | 1) => void
  onRetry: () => void
}

export function AttachmentCard({
  attachment,
  position,
  count,
  maxAltLength,
  postText,
  onAltText,
  onRemove,
  onMove,
  onRetry,
}: Props): ReactNode {
  const { fileName, upload, altText } = attachment
  const length = [...altText].length
  const isTooLong = maxAltLength !== undefined && length > maxAltLength
  return (
    <li
      data-picture={attachment.key}
      className="flex flex-col gap-3 rounded-lg border border-line p-3 sm:flex-row"
    >
      {upload.kind === 'failed' ? (
        <span className="grid h-16 w-full shrink-0 place-items-center rounded-md bg-sunken text-muted sm:w-28">
          <Icon name="image" size={24} />
        </span>
      ) : (
        <img
          src={attachment.thumbnail}
          alt=""
          className="h-32 w-full shrink-0 rounded-md bg-sunken object-contain sm:h-24 sm:w-28"
        />
      )}
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
                data-does="earlier"
                size="small"
                label={t('compose.media.earlier', { file: fileName })}
                isDisabled={position === 0}
                onPress={() => onMove(-1)}
              />
              <IconButton
                icon="chevronDown"
                data-does="later"
                size="small"
                label={t('compose.media.later', { file: fileName })}
                isDisabled={position === count - 1}
                onPress={() => onMove(1)}
              />
            </>
          )}
          <IconButton
            icon="trash"
            data-does="remove"
            size="small"
            label={t('compose.media.remove', { file: fileName })}
            onPress={onRemove}
          />
        </div>
        {upload.kind === 'running' && (
          <ProgressBar label={t('compose.media.uploading')} value={Math.round(upload.share * 100)} />
        )}
        {upload.kind === 'failed' && (
          <div role="alert" className="flex items-start gap-1.5 text-sm">
            <span className="mt-0.5 text-danger">
              <Icon name="error" size={16} />
            </span>
            <div className="flex min-w-0 flex-1 flex-wrap items-center gap-x-3 gap-y-2">
              <span className="min-w-40 flex-1 text-danger">
                {upload.problem.title}. {upload.problem.remedy}
              </span>
              {isWorthRetrying(upload.problem) && (
                <Button size="small" icon="refresh" onPress={onRetry}>
                  {t('ui.tryAgain')}
                </Button>
              )}
            </div>
          </div>
        )}
        {upload.kind !== 'failed' && (
          <>
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
            <Help
              kind="alt"
              field={`${t('compose.media.alt')}, ${fileName}`}
              text={postText}
              current={altText}
              maxLength={maxAltLength}
              onTake={onAltText}
            />
          </>
        )}
      </div>
    </li>
  )
}

/** A file that was looked at and refused is refused again. */
function isWorthRetrying({ status }: Problem): boolean {
  return status === 0 || status === 401 || status === 429 || status >= 500
}
