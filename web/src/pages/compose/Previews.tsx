/** How the post will look on each channel, as far as the network's definition tells. */
import { type ReactNode, useState } from 'react'
import { linksIn } from '#contract/text.ts'
import { t } from '../../i18n.tsx'
import { Avatar } from '../../ui/Avatar.tsx'
import { cx } from '../../ui/cx.ts'
import { Icon, type IconName } from '../../ui/icons.tsx'
import { NetworkLogo } from '../../ui/NetworkBadge.tsx'
import { Select } from '../../ui/Select.tsx'
import {
  type Attachment,
  type Channel,
  type Content,
  firstCommentFor,
  type Network,
  textFor,
} from './content.ts'
import { rulesFor } from './limits.ts'

type Props = {
  content: Content
  channels: readonly Channel[]
  networkOf: (id: string) => Network | undefined
}

export function Previews({ content, channels, networkOf }: Props): ReactNode {
  const [chosen, setChosen] = useState<string | null>(null)
  const channel = channels.find(({ id }) => id === chosen) ?? channels[0]
  const [network] = channel ? rulesFor([channel], networkOf) : []
  if (!channel || !network) return <p className="text-sm text-muted">{t('compose.preview.none')}</p>
  return (
    <div className="flex flex-col gap-3">
      {channels.length > 1 && (
        <Select
          label={t('compose.preview.channel')}
          isCompact
          value={channel.id}
          onChange={setChosen}
          choices={channels.map(({ id, name, network: of }) => ({
            id,
            text: `${networkOf(of)?.name ?? of} · ${name}`,
          }))}
        />
      )}
      <Preview
        channel={channel}
        network={network}
        text={textFor(content, channel.id)}
        comment={network.comment.value === null ? '' : firstCommentFor(content, channel.id).trim()}
        attachments={content.attachments}
      />
    </div>
  )
}

/** What stands below a post there; only drawn, for nothing can be pressed. */
const icons: Record<Network['preview']['actions'][number], IconName> = {
  like: 'heart',
  comment: 'comment',
  share: 'share',
  repost: 'repost',
  send: 'send',
  save: 'bookmark',
  views: 'chart',
}

type PreviewProps = {
  channel: Channel
  network: Network
  text: string
  /** Written below it by the account itself; empty for none. */
  comment: string
  attachments: readonly Attachment[]
}

function Preview({ channel, network, text, comment, attachments }: PreviewProps): ReactNode {
  const { preview } = network
  const name = preview.nameFirst ? channel.name : (channel.handle ?? channel.name)
  const images = attachments
    .filter(({ upload }) => upload.kind !== 'failed')
    .slice(0, network.images.value.maxCount)
  const media = images.length > 0 && <Images images={images} network={network} />
  const words = text !== '' && <Words key="words" text={text} network={network} name={channel.name} />
  const nothing = <p className="px-3.5 pb-3 text-sm text-muted">{t('compose.preview.empty')}</p>
  const actions = (
    <div
      key="actions"
      className={cx(
        'flex justify-between gap-2 px-6 py-2.5 text-muted',
        preview.order === 'text-first' && 'border-t border-line',
      )}
      aria-hidden="true"
    >
      {preview.actions.map((action) => (
        <Icon key={action} name={icons[action]} size={18} />
      ))}
    </div>
  )
  return (
    <article
      aria-label={t('compose.preview.of', { network: network.name })}
      className="overflow-hidden rounded-xl border border-line bg-surface"
    >
      <header className="flex items-center gap-2.5 px-3.5 pt-3 pb-2.5">
        <Avatar name={channel.name} />
        <div className="min-w-0 flex-1 text-sm leading-snug">
          <span className="font-semibold">{name}</span>
          {preview.nameFirst && preview.showsHandle && channel.handle && (
            <span className="ml-1 text-muted">@{channel.handle}</span>
          )}
          <span className="block text-xs text-muted">{t('compose.preview.now')}</span>
        </div>
        <NetworkLogo network={network.id} size={20} />
      </header>
      {preview.order === 'media-first' ? (
        <>
          {media}
          {actions}
          {words}
        </>
      ) : (
        <>
          {words}
          {media}
          {!media && !words && nothing}
          {actions}
        </>
      )}
      {preview.order === 'media-first' && !media && !words && nothing}
      {comment !== '' && <FirstComment name={name} text={comment} />}
    </article>
  )
}

function FirstComment({ name, text }: { name: string; text: string }): ReactNode {
  return (
    <div className="flex items-start gap-2.5 border-t border-line px-3.5 py-3">
      <Avatar name={name} />
      <div className="min-w-0 flex-1 rounded-xl bg-sunken px-3 py-2 text-sm">
        <span className="block font-semibold">{name}</span>
        <p className="whitespace-pre-wrap wrap-anywhere">
          <Linked text={text} />
        </p>
      </div>
    </div>
  )
}

/** Beyond the fold, readers must press "more". */
function Words({ text, network, name }: { text: string; network: Network; name: string }): ReactNode {
  const [isOpen, setOpen] = useState(false)
  const { foldAfter, order } = network.preview
  const characters = [...text]
  const isFolded = !isOpen && foldAfter !== null && characters.length > foldAfter
  const shown = isFolded ? `${upToWord(characters.slice(0, foldAfter).join(''))}…` : text
  return (
    <p className="px-3.5 py-2 text-sm whitespace-pre-wrap wrap-anywhere">
      {order === 'media-first' && <span className="mr-1 font-semibold">{name}</span>}
      <Linked text={shown} />
      {isFolded && (
        <button type="button" className="ml-1 text-muted underline" onClick={() => setOpen(true)}>
          {t('compose.preview.more')}
        </button>
      )}
    </p>
  )
}

/** Without the word that is cut in two, where one is. */
function upToWord(text: string): string {
  const end = text.search(/\s\S*$/)
  return (end > text.length / 2 ? text.slice(0, end) : text).trimEnd()
}

/** Links, hashtags and mentions in the colour networks give them. */
function Linked({ text }: { text: string }): ReactNode {
  const links = new Set(linksIn(text))
  const parts = text.split(/(\s+)/)
  return parts.map((part, index) => {
    const bare = part.replace(/[.,;:!?'")\]}]+$/u, '')
    const isMarked = links.has(bare) || /^[#@][\p{L}\p{N}_.]+$/u.test(bare)
    return isMarked ? (
      // oxlint-disable-next-line react/no-array-index-key -- parts of one text have no other identity
      <span key={index}>
        <span className="text-info">{bare}</span>
        {part.slice(bare.length)}
      </span>
    ) : (
      part
    )
  })
}

function Images({ images, network }: { images: readonly Attachment[]; network: Network }): ReactNode {
  const { mediaAspect, isInset } = network.preview
  const shown = images.slice(0, 4)
  const rest = images.length - shown.length
  return (
    <div
      className={cx(
        'grid gap-0.5 overflow-hidden bg-sunken',
        shown.length > 1 && 'grid-cols-2',
        isInset && 'mx-3.5 mb-3 rounded-xl border border-line',
      )}
      style={{
        aspectRatio: shown.length > 1 ? '4 / 3' : mediaAspect === null ? 'auto' : String(mediaAspect),
      }}
    >
      {shown.map((image, index) => (
        <span
          key={image.key}
          className={cx(
            'relative min-h-0 overflow-hidden',
            shown.length === 3 && index === 0 && 'row-span-2',
          )}
        >
          <img
            src={image.thumbnail}
            alt={image.altText}
            className={cx(
              'size-full',
              shown.length === 1 && mediaAspect === null ? 'max-h-96 object-contain' : 'object-cover',
            )}
          />
          {rest > 0 && index === shown.length - 1 && (
            <span className="absolute inset-0 grid place-items-center bg-black/50 text-xl font-semibold text-white">
              +{rest}
            </span>
          )}
        </span>
      ))}
    </div>
  )
}
