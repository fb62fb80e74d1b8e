/** The text: one for all channels, and one of its own for a channel that needs it. */
import { type ReactNode, useState } from 'react'
import { t } from '../../i18n.tsx'
import { Button } from '../../ui/Button.tsx'
import { cx } from '../../ui/cx.ts'
import { NetworkLogo } from '../../ui/NetworkBadge.tsx'
import { Select } from '../../ui/Select.tsx'
import { Tab, TabList, TabPanel, Tabs } from '../../ui/Tabs.tsx'
import { type Channel, type Content, type Network, textFor } from './content.ts'
import { Help } from './Help.tsx'
import { countFor, fittingLength, rulesFor, strictest } from './limits.ts'
import { MarkedTextArea } from './MarkedTextArea.tsx'

type Props = {
  content: Content
  channels: readonly Channel[]
  networkOf: (id: string) => Network | undefined
  onChange: (part: Partial<Content>) => void
}

const shared = 'shared'
/** With more channels than this, only those with a text of their own have a tab; the others are in a list. */
const few = 6

export function TextPanel({ content, channels, networkOf, onChange }: Props): ReactNode {
  const [tab, setTab] = useState(shared)
  const channel = channels.find((candidate) => candidate.id === tab)
  // A channel that was taken away takes its tab with it.
  const current = channel ? channel.id : shared
  const own = channel === undefined ? undefined : content.variants[channel.id]
  const concerned = channel ? [channel] : channels.filter(({ id }) => content.variants[id] === undefined)
  const text = channel ? textFor(content, channel.id) : content.text
  const networks = rulesFor(concerned, networkOf)
  const tightest = strictest(text, networks)
  const hasTab = ({ id }: Channel) =>
    channels.length <= few || id === current || content.variants[id] !== undefined
  const tabs = channels.filter(hasTab)
  const others = channels.filter((candidate) => !hasTab(candidate))

  const write = (value: string) =>
    onChange(channel ? { variants: { ...content.variants, [channel.id]: value } } : { text: value })
  const share = () => {
    if (!channel) return
    const { [channel.id]: _, ...rest } = content.variants
    onChange({ variants: rest })
  }
  return (
    <section
      aria-label={t('compose.text.label')}
      className="flex flex-col gap-3 rounded-xl border border-line bg-surface p-4 shadow-low sm:p-5"
    >
      <Tabs selected={current} onSelect={setTab}>
        <TabList label={t('compose.text.tabs')}>
          <Tab id={shared}>{t('compose.text.shared')}</Tab>
          {tabs.map((candidate) => (
            <Tab key={candidate.id} id={candidate.id}>
              <NetworkLogo network={candidate.network} size={18} />
              <span className="max-w-32 truncate">{candidate.name}</span>
              {content.variants[candidate.id] !== undefined && (
                <span className="size-1.5 rounded-full bg-accent">
                  <span className="sr-only">{t('compose.text.own')}</span>
                </span>
              )}
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
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
        <Counters text={text} networks={networks} />
        {channel && (
          <span className="flex flex-wrap items-center gap-x-2 text-sm text-muted">
            {own === undefined ? t('compose.text.inherits') : t('compose.text.isOwn')}
            {own !== undefined && (
              <Button variant="quiet" size="small" icon="undo" onPress={share}>
                {t('compose.text.useShared')}
              </Button>
            )}
          </span>
        )}
        {others.length > 0 && (
          <Select
            label={t('compose.text.another')}
            isCompact
            placeholder={t('compose.text.another')}
            value={null}
            onChange={setTab}
            choices={others.map(({ id, name, network }) => ({
              id,
              text: name,
              detail: networkOf(network)?.name ?? network,
            }))}
          />
        )}
      </div>
      <Help
        key={current}
        kind="text"
        field={channel ? t('compose.text.labelFor', { channel: channel.name }) : t('compose.text.label')}
        text={text}
        current={text}
        networks={networks}
        channelIds={concerned.map(({ id }) => id)}
        isInherited={channel !== undefined && own === undefined}
        onTake={write}
        onInherit={share}
      />
    </section>
  )
}

/** One counter per network, or per server that counts otherwise, each by its own counting. */
export function Counters({ text, networks }: { text: string; networks: readonly Network[] }): ReactNode {
  return (
    <ul
      aria-label={t('compose.count.label')}
      className="flex flex-wrap gap-x-4 gap-y-1.5 text-sm tabular-nums"
    >
      {networks.map((network, index) => {
        const { length, maxLength, left } = countFor(text, network)
        return (
          <li
            key={`${network.id}-${index}`}
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
