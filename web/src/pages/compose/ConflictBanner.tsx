/** Somebody else changed the post meanwhile: whose text goes on is the person's choice, and neither is lost. */
import { useMutation } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { t } from '../../i18n.tsx'
import type { Problem } from '../../problems.ts'
import { Banner } from '../../ui/Banner.tsx'
import { Button } from '../../ui/Button.tsx'
import { toast } from '../../ui/toast.ts'

type Props = { problem: Problem; onTakeTheirs: () => void; onKeepMine: () => Promise<void> }

export function ConflictBanner({ problem, onTakeTheirs, onKeepMine }: Props): ReactNode {
  const keep = useMutation({ mutationFn: onKeepMine, onError: toast.failed })
  return (
    <Banner
      tone="warning"
      isLive
      title={t('compose.conflict.title')}
      action={
        <>
          <Button size="small" onPress={() => keep.mutate()} isPending={keep.isPending}>
            {t('compose.conflict.keepMine')}
          </Button>
          <Button size="small" variant="primary" onPress={onTakeTheirs}>
            {t('compose.conflict.takeTheirs')}
          </Button>
        </>
      }
    >
      {problem.message}. {t('compose.conflict.text')}
    </Banner>
  )
}
