/** A message within the page that stays until what it says has changed. */
import type { ReactNode } from 'react'
import { cx } from './cx.ts'
import { Icon, type IconName } from './icons.tsx'

export type BannerTone = 'info' | 'success' | 'warning' | 'error'

type Props = {
  tone?: BannerTone
  title?: ReactNode
  children?: ReactNode
  /** A button or link. */
  action?: ReactNode
  /** Read out at once; for what happens after the page was shown. */
  isLive?: boolean
}

const tones: Record<BannerTone, { box: string; icon: IconName; mark: string }> = {
  info: { box: 'bg-info-soft', icon: 'info', mark: 'text-info' },
  success: { box: 'bg-success-soft', icon: 'success', mark: 'text-success' },
  warning: { box: 'bg-warning-soft', icon: 'alert', mark: 'text-warning' },
  error: { box: 'bg-danger-soft', icon: 'error', mark: 'text-danger' },
}

export function Banner({ tone = 'info', title, children, action, isLive = false }: Props): ReactNode {
  const { box, icon, mark } = tones[tone]
  return (
    <div
      {...(isLive ? { role: tone === 'error' ? 'alert' : 'status' } : {})}
      className={cx('flex flex-wrap items-start gap-x-3 gap-y-2 rounded-xl px-4 py-3 text-sm', box)}
    >
      <span className={cx('mt-px', mark)}>
        <Icon name={icon} />
      </span>
      <div className="min-w-48 flex-1 wrap-anywhere">
        {title && <p className="font-medium">{title}</p>}
        {children && <div className={title ? 'mt-0.5 text-ink/85' : ''}>{children}</div>}
      </div>
      {action && <div className="flex gap-2">{action}</div>}
    </div>
  )
}
