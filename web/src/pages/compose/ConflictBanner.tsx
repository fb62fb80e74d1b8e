/** Two people wrote the same post: nothing is saved until one has chosen, and neither text is lost. */
import { useMutation } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { useFormat } from '../../format.ts'
import { t } from '../../i18n.tsx'
import { Banner } from '../../ui/Banner.tsx'
import { Button } from '../../ui/Button.tsx'
import { toast } from '../../ui/toast.ts'
import type { Post } from './content.ts'

type Props = {
  /** The post as the other person left it; null where it was deleted. */
  theirs: Post | null
  onTakeTheirs: () => void
  onKeepMine: () => Promise<void>
}

export function ConflictBanner({ theirs, onTakeTheirs, onKeepMine }: Props): ReactNode {
  const { shortDateTime } = useFormat()
  const keep = useMutation({ mutationFn: onKeepMine, onError: toast.failed })
  const who = theirs?.updatedBy?.name
  return (
    <Banner
      tone="warning"
      isLive
      title={
        theirs === null
          ? t('compose.conflict.deleted')
          : who === undefined
            ? t('compose.conflict.title')
            : t('compose.conflict.by', { name: who, at: shortDateTime(theirs.updatedAt) })
      }
      action={
        <>
          <Button size="small" onPress={() => keep.mutate()} isPending={keep.isPending}>
            {t('compose.conflict.keepMine')}
          </Button>
          {theirs !== null && (
            <Button size="small" variant="primary" onPress={onTakeTheirs}>
              {t('compose.conflict.takeTheirs')}
            </Button>
          )}
        </>
      }
    >
      <p>{t(theirs === null ? 'compose.conflict.deletedText' : 'compose.conflict.text')}</p>
      {theirs !== null && theirs.text !== '' && (
        <details className="mt-1">
          <summary className="cursor-pointer font-medium">{t('compose.conflict.showTheirs')}</summary>
          <p className="mt-1 max-h-48 overflow-y-auto whitespace-pre-wrap">{theirs.text}</p>
        </details>
      )}
    </Banner>
  )
}
