/** The advertising column: a cap, a shaft with posters, a foot. */
import type { ReactNode } from 'react'

export function LogoMark({ size = 28 }: { size?: number }): ReactNode {
  return (
    <svg viewBox="0 0 24 28" width={(size * 24) / 28} height={size} aria-hidden="true" className="shrink-0">
      <g fill="var(--accent)">
        <path d="M12 .6c.6 0 1 .4 1 1v1.600c4.100.4 7.600 1.900 8.700 3.800.4.700-.1 1.400-.8 1.400H3.100c-.7 0-1.200-.7-.8-1.400 1.100-1.900 4.600-3.400 8.700-3.800V1.600c0-.6.4-1 1-1z" />
        <path d="M4 9.800h16V24H4z" />
        <path d="M2.700 25.200h18.600c.6 0 1 .5 1 1.100v.9H1.700v-.9c0-.6.400-1.100 1-1.100z" />
      </g>
      <g fill="var(--surface)">
        <path d="M6.400 12h5.800v7.200H6.400z" />
        <path
          d="M14 12h3.600v3.400H14zM14 17.200h3.600v4.800H14zM6.400 20.800h5.800V22H6.400z"
          opacity=".6"
        />
      </g>
    </svg>
  )
}

export function Logo(): ReactNode {
  return (
    <span className="inline-flex items-center gap-2.5">
      <LogoMark />
      <span className="text-lg font-semibold tracking-tight">Litfass</span>
    </span>
  )
}
