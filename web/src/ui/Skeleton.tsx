/** Grey places of what is being loaded. They appear after a moment, so that fast answers do not flicker. */
import type { ReactNode } from 'react'
import { t } from '../i18n.tsx'
import { cx } from './cx.ts'

export function Skeleton({ className = 'h-4 w-full' }: { className?: string }): ReactNode {
  return (
    <span
      className={cx('block animate-[shimmer_1.600s_ease-in-out_infinite] rounded-md bg-line/70', className)}
      aria-hidden="true"
    />
  )
}

/** A whole page of them. */
export function PageSkeleton(): ReactNode {
  return (
    <div role="status" aria-label={t('ui.loading')} className="flex flex-col gap-6">
      <Skeleton className="h-8 w-52" />
      <div className="flex flex-col gap-3">
        <Skeleton className="h-20" />
        <Skeleton className="h-20" />
        <Skeleton className="h-20" />
      </div>
    </div>
  )
}
