/** Where the post goes: every channel as a box to tick. */
import { lazy, type ReactNode, Suspense, useState } from 'react'
import { Checkbox, CheckboxGroup, Label } from 'react-aria-components'
import { t } from '../../i18n.tsx'
import { Button } from '../../ui/Button.tsx'
import { cx } from '../../ui/cx.ts'
import { labelClass } from '../../ui/Field.tsx'
import { Icon } from '../../ui/icons.tsx'
import { NetworkLogo } from '../../ui/NetworkBadge.tsx'
import { Skeleton } from '../../ui/Skeleton.tsx'
import type { Channel } from './content.ts'

const SearchField = lazy(async () => ({ default: (await import('../../ui/SearchField.tsx')).SearchField }))

type Props = {
  channels: readonly Channel[]
  chosen: readonly string[]
  /** What the network with this id is called. */
  nameOf: (network: string) => string
  onChange: (ids: string[]) => void
}

/** From this many on, they can be searched. */
const many = 13

export function ChannelPicker({ channels, chosen, nameOf, onChange }: Props): ReactNode {
  const [search, setSearch] = useState('')
  const wanted = search.trim().toLowerCase()
  const shown = channels.filter((channel) =>
    `${channel.name} ${channel.handle ?? ''} ${nameOf(channel.network)}`.toLowerCase().includes(wanted),
  )
  const isAll = shown.length > 0 && shown.every((channel) => chosen.includes(channel.id))
  const toggleAll = () => {
    const ids = shown.map((channel) => channel.id)
    onChange(isAll ? chosen.filter((id) => !ids.includes(id)) : [...new Set([...chosen, ...ids])])
  }
  return (
    <section className="rounded-xl border border-line bg-surface p-4 shadow-low sm:p-5">
      <CheckboxGroup value={[...chosen]} onChange={onChange} className="flex flex-col gap-3">
        <div className="flex flex-wrap items-center justify-between gap-2">
          <Label className={labelClass}>
            {t('compose.channels.label')}
            <span className="ml-2 font-normal text-muted">
              {t('compose.channels.count', { count: chosen.length })}
            </span>
          </Label>
          {channels.length > 1 && (
            <Button variant="quiet" size="small" onPress={toggleAll}>
              {t(isAll ? 'compose.channels.none' : 'compose.channels.all')}
            </Button>
          )}
        </div>
        {channels.length >= many && (
          <Suspense fallback={<Skeleton className="h-10" />}>
            <SearchField label={t('compose.channels.search')} value={search} onChange={setSearch} />
          </Suspense>
        )}
        <div className="relative grid max-h-[22rem] gap-2 overflow-y-auto p-0.5 sm:grid-cols-2 lg:grid-cols-1 xl:grid-cols-2">
          {shown.map((channel) => (
            <ChannelBox key={channel.id} channel={channel} networkName={nameOf(channel.network)} />
          ))}
        </div>
        {shown.length === 0 && <p className="text-sm text-muted">{t('compose.channels.notFound')}</p>}
      </CheckboxGroup>
    </section>
  )
}

function ChannelBox({ channel, networkName }: { channel: Channel; networkName: string }): ReactNode {
  const isWorking = channel.connectionState === 'active'
  return (
    <Checkbox
      value={channel.id}
      className={({ isSelected, isFocusVisible }) =>
        cx(
          'flex min-h-12 min-w-0 cursor-pointer items-center gap-2.5 rounded-lg border py-1.5 pr-3 pl-2.5 text-sm transition-colors',
          isSelected
            ? 'border-accent bg-accent-soft'
            : 'border-line-strong/60 bg-surface hover:border-line-strong',
          isFocusVisible && 'outline-2 outline-offset-2 outline-focus',
        )
      }
    >
      {({ isSelected }) => (
        <>
          <NetworkLogo network={channel.network} size={28} />
          <span className="min-w-0 flex-1">
            <span className="block truncate font-medium">{channel.name}</span>
            <span className="flex items-center gap-1.5 text-xs text-muted">
              <span className="truncate">
                {channel.handle ? `@${channel.handle}` : networkName}
                {channel.handle && <span className="sr-only">, {networkName}</span>}
              </span>
              {channel.sandbox && (
                <span className="shrink-0 font-medium text-warning">{t('ui.sandbox')}</span>
              )}
            </span>
            {!isWorking && (
              <span className="flex items-center gap-1 text-xs text-danger">
                <Icon name="alert" size={14} />
                {t('compose.channels.reconnect')}
              </span>
            )}
          </span>
          <span
            className={cx(
              'grid size-5 shrink-0 place-items-center rounded-md border',
              isSelected
                ? 'border-accent bg-accent text-on-accent'
                : 'border-line-strong bg-surface text-transparent',
            )}
          >
            <Icon name="check" size={14} />
          </span>
        </>
      )}
    </Checkbox>
  )
}
