/** Which network something is on, and whether that network is simulated. */
import { type ReactNode, useState } from 'react'
import { t } from '../i18n.tsx'
import { Badge } from './Badge.tsx'
import { cx } from './cx.ts'

/** The logo on its own white ground, so that every logo works in both themes. */
export function NetworkLogo({ network, size = 24 }: { network: string; size?: number }): ReactNode {
  const [isMissing, setMissing] = useState(false)
  return (
    <span
      aria-hidden="true"
      className="inline-grid shrink-0 place-items-center overflow-hidden rounded-md bg-white text-black ring-1 ring-black/10"
      style={{ width: size, height: size }}
    >
      {isMissing ? (
        <span className="text-xs font-semibold uppercase">{network.slice(0, 1)}</span>
      ) : (
        <img
          src={`/api/v1/networks/${encodeURIComponent(network)}/logo.svg`}
          alt=""
          width={Math.round(size * 0.72)}
          height={Math.round(size * 0.72)}
          onError={() => setMissing(true)}
        />
      )}
    </span>
  )
}

type Props = {
  /** The network's id. */
  network: string
  /** What stands beside the logo: the network's or the channel's name. */
  name: string
  detail?: string | null
  isSandbox?: boolean
  size?: 'small' | 'medium'
}

export function NetworkBadge({
  network,
  name,
  detail,
  isSandbox = false,
  size = 'medium',
}: Props): ReactNode {
  return (
    <span className="inline-flex max-w-full min-w-0 items-center gap-2.5">
      <NetworkLogo network={network} size={size === 'small' ? 20 : 32} />
      <span className="min-w-0">
        <span className={cx('flex items-center gap-2', size === 'small' && 'text-sm')}>
          <span className="truncate font-medium">{name}</span>
          {isSandbox && <SandboxMark />}
        </span>
        {detail && <span className="block truncate text-sm text-muted">{detail}</span>}
      </span>
    </span>
  )
}

/** Nothing leaves this machine through what carries this mark. */
export function SandboxMark(): ReactNode {
  return <Badge tone="warning">{t('ui.sandbox')}</Badge>
}
