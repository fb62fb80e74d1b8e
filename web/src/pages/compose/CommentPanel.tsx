/** The first comment: what the account itself writes below the post. Out of the way until it is asked for. */
import { type ReactNode, useState } from 'react'
import { t } from '../../i18n.tsx'
import { Button } from '../../ui/Button.tsx'
import { Select } from '../../ui/Select.tsx'
import { type Channel, type Content, firstCommentFor, hasFirstComment, type Network } from './content.ts'
import { commentRules, fittingLength, rulesFor, strictest } from './limits.ts'
import { MarkedTextArea } from './MarkedTextArea.tsx'
import { Counters } from './TextPanel.tsx'

type Props = {
  content: Content
  channels: readonly Channel[]
  networkOf: (id: string) => Network | undefined
  /** Channels whose post goes out without, as the server says. */
  without: ReadonlySet<string>
  onChange: (part: Partial<Content>) => void
}

export function CommentPanel(props: Props): ReactNode {
  const { content, channels, networkOf, onChange } = props
  const [isAsked, setAsked] = useState(false)
  const takes = ({ id, network }: Channel) =>
    !props.without.has(id) && networkOf(network)?.comment.value !== null
  const offering = channels.filter(takes)
  if (!isAsked && !hasFirstComment(content))
    return (
      <div>
        <Button variant="quiet" size="small" icon="comment" onPress={() => setAsked(true)}>
          {t('compose.comment.add')}
        </Button>
      </div>
    )
  const remove = () => {
    setAsked(false)
    onChange({ firstComment: '', firstComments: {} })
  }
  return (
    <section
      aria-label={t('compose.comment.title')}
      className="flex flex-col gap-3 rounded-xl border border-line bg-surface p-4 shadow-low sm:p-5"
    >
      <header className="flex flex-wrap items-start justify-between gap-x-4 gap-y-2">
        <div className="min-w-48 flex-1">
          <h2 className="text-base font-semibold">{t('compose.comment.title')}</h2>
          <p className="mt-0.5 text-sm text-muted">{t('compose.comment.hint')}</p>
        </div>
        <Button variant="quiet" size="small" onPress={remove}>
          {t('compose.comment.remove')}
        </Button>
      </header>
      <Words {...props} channels={offering} isFirst={isAsked} />
      <Without all={channels} offering={offering} networkOf={networkOf} />
    </section>
  )
}

const shared = 'shared'

type WordsProps = Pick<Props, 'content' | 'channels' | 'networkOf' | 'onChange'> & { isFirst: boolean }

/** One for all channels, and one of its own for a channel that needs it. */
function Words({ content, channels, networkOf, onChange, isFirst }: WordsProps): ReactNode {
  const [chosen, setChosen] = useState(shared)
  const channel = channels.find(({ id }) => id === chosen)
  const own = channel && content.firstComments[channel.id]
  const text = channel ? firstCommentFor(content, channel.id) : content.firstComment
  const concerned = channel ? [channel] : channels.filter(({ id }) => content.firstComments[id] === undefined)
  const rules = commentRules(rulesFor(concerned, networkOf))
  const tightest = strictest(text, rules)
  const write = (value: string) =>
    onChange(
      channel
        ? { firstComments: { ...content.firstComments, [channel.id]: value } }
        : { firstComment: value },
    )
  const share = () => {
    if (!channel) return
    const { [channel.id]: _, ...rest } = content.firstComments
    onChange({ firstComments: rest })
  }
  return (
    <>
      {channels.length > 1 && (
        <Select
          label={t('compose.comment.for')}
          isCompact
          value={channel?.id ?? shared}
          onChange={setChosen}
          choices={[
            { id: shared, text: t('compose.text.shared') },
            ...channels.map(({ id, name, network }) => ({
              id,
              text: name,
              detail:
                content.firstComments[id] === undefined
                  ? (networkOf(network)?.name ?? network)
                  : t('compose.comment.own'),
            })),
          ]}
        />
      )}
      <MarkedTextArea
        label={
          channel ? t('compose.comment.labelFor', { channel: channel.name }) : t('compose.comment.title')
        }
        placeholder={t('compose.comment.placeholder')}
        value={text}
        fitting={tightest ? fittingLength(text, tightest) : text.length}
        isSmall
        isFocused={isFirst}
        onChange={write}
      />
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
        <Counters text={text} networks={rules} />
        {channel && (
          <span className="flex flex-wrap items-center gap-x-2 text-sm text-muted">
            {own === '' && t('compose.comment.noneHere')}
            {own === undefined ? (
              <Button variant="quiet" size="small" onPress={() => write('')}>
                {t('compose.comment.omitHere')}
              </Button>
            ) : (
              <Button variant="quiet" size="small" icon="undo" onPress={share}>
                {t('compose.comment.useShared')}
              </Button>
            )}
          </span>
        )}
      </div>
    </>
  )
}

type WithoutProps = { all: readonly Channel[]; offering: readonly Channel[] } & Pick<Props, 'networkOf'>

/** Nothing is left out in silence. */
function Without({ all, offering, networkOf }: WithoutProps): ReactNode {
  const without = all.filter((channel) => !offering.includes(channel))
  if (without.length === 0) return null
  const names = without.map(({ name, network }) => `${name} (${networkOf(network)?.name ?? network})`)
  return (
    <p className="text-sm text-muted">
      {t('compose.comment.without', { channels: names.join(', '), count: names.length })}
    </p>
  )
}
