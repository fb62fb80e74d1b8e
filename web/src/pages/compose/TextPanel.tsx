/** The text: one for all channels, and one of its own for a channel that needs it. */
import { type ReactNode, useState } from 'react'
import { t } from '../../i18n.tsx'
import { Button } from '../../ui/Button.tsx'
import { cx } from '../../ui/cx.ts'
import { NetworkLogo } from '../../ui/NetworkBadge.tsx'
import { Tab, TabList, TabPanel, Tabs } from '../../ui/Tabs.tsx'
import { type Channel, type Content, type Network, textFor } from './content.ts'
import { countFor, fittingLength, strictest } from './limits.ts'
import { MarkedTextArea } from './MarkedTextArea.tsx'

type Props = {
  content: Content
  channels: readonly Channel[]
  networkOf: (id: string) => Network | undefined
  onChange: (part: Partial<Content>) => void
}

const shared = 'shared'

export function TextPanel({ content, channels, networkOf, onChange }: Props): ReactNode {
  const [tab, setTab] = useState(shared)
  const channel = channels.find((candidate) => candidate.id === tab)
  // A channel that was taken away takes its tab with it.
  const current = channel ? channel.id : shared
  const own = channel === undefined ? undefined : content.variants[channel.id]
  const concerned = channel ? [channel] : channels.filter(({ id }) => content.variants[id] === undefined)
  const text = channel ? textFor(content, channel.id) : content.text
  const networks = concerned.flatMap((candidate) => networkOf(candidate.network) ?? [])
  const tightest = strictest(text, networks)

  const write = (value: string) =>
    onChange(channel ? { variants: { ...content.variants, [channel.id]: value } } : { text: value })
  const share = () => {
    if (!channel) return
    const { [channel.id]: _, ...others } = content.variants
    onChange({ variants: others })
  }
  return (
    <section className="flex flex-col gap-3 rounded-xl border border-line bg-surface p-4 shadow-low sm:p-5">
      <Tabs selectedKey={current} onSelectionChange={(key) => setTab(String(key))}>
        <TabList label={t('compose.text.tabs')}>
          <Tab id={shared}>{t('compose.text.shared')}</Tab>
          {channels.map((candidate) => (
            <Tab key={candidate.id} id={candidate.id}>
              <span className="inline-flex items-center gap-1.5">
                <NetworkLogo network={candidate.network} size={18} />
                <span className="max-w-32 truncate">{candidate.name}</span>
                {content.variants[candidate.id] !== undefined && (
                  <span className="size-1.5 rounded-full bg-accent" title={t('compose.text.own')} />
                )}
              </span>
            </Tab>
          ))}
        </TabList>
        <TabPanel id={current}>
          <MarkedTextArea
            label={channel ? t('compose.text.labelFor', { channel: channel.name }) : t('compose.text.label')}
            placeholder={t('compose.text.placeholder')}
            value={text}
            fitting={tightest ? fittingLength(text, tightest) : text.length}
            onChange={write}
          />
        </TabPanel>
      </Tabs>
      <div className="flex flex-wrap items-center justify-between gap-2">
        <Counters text={text} channels={concerned} networkOf={networkOf} />
        {channel && (
          <span className="flex items-center gap-2 text-sm text-muted">
            {own === undefined ? t('compose.text.inherits') : t('compose.text.isOwn')}
            {own !== undefined && (
              <Button variant="quiet" size="small" icon="undo" onPress={share}>
                {t('compose.text.useShared')}
              </Button>
            )}
          </span>
        )}
      </div>
    </section>
  )
}

/** One counter per network, each by the network's own counting. */
function Counters({
  text,
  channels,
  networkOf,
}: {
  text: string
  channels: readonly Channel[]
  networkOf: Props['networkOf']
}): ReactNode {
  const networks = [...new Set(channels.map((channel) => channel.network))].flatMap(
    (id) => networkOf(id) ?? [],
  )
  return (
    <ul
      aria-label={t('compose.count.label')}
      className="flex flex-wrap gap-x-4 gap-y-1.5 text-sm tabular-nums"
    >
      {networks.map((network) => {
        const { length, maxLength, left } = countFor(text, network)
        return (
          <li
            key={network.id}
            className={cx(
              'inline-flex items-center gap-1.5',
              left < 0 ? 'font-medium text-danger' : left < maxLength / 10 ? 'text-warning' : 'text-muted',
            )}
          >
            <NetworkLogo network={network.id} size={18} />
            <span>
              <span className="sr-only">{network.name}: </span>
              {t('compose.count.of', { length, max: maxLength })}
              {left < 0 && <span className="ml-1">{t('compose.count.over', { count: -left })}</span>}
            </span>
          </li>
        )
      })}
    </ul>
  )
}
