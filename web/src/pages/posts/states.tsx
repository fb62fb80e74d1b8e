/** States of posts and deliveries in a word. */
import type { ReactNode } from 'react'
import type { Client, Output } from '../../api.ts'
import { t } from '../../i18n.tsx'
import { Badge, type Tone } from '../../ui/Badge.tsx'
import type { IconName } from '../../ui/icons.tsx'

export type Post = Output<Client['posts']['show']>
export type Delivery = Post['deliveries'][number]

const postStates: Record<Post['state'], { tone: Tone; icon: IconName }> = {
  draft: { tone: 'neutral', icon: 'pencil' },
  scheduled: { tone: 'info', icon: 'clock' },
  publishing: { tone: 'accent', icon: 'send' },
  published: { tone: 'success', icon: 'check' },
  'partly-published': { tone: 'warning', icon: 'alert' },
  failed: { tone: 'danger', icon: 'error' },
  cancelled: { tone: 'neutral', icon: 'close' },
}
export const allPostStates = Object.keys(postStates) as Post['state'][]

export function PostState({ state }: { state: Post['state'] }): ReactNode {
  return <Badge {...postStates[state]}>{t(`posts.state.${state}`)}</Badge>
}

const deliveryStates: Record<Delivery['state'], { tone: Tone; icon: IconName }> = {
  waiting: { tone: 'info', icon: 'clock' },
  claimed: { tone: 'accent', icon: 'send' },
  sending: { tone: 'accent', icon: 'send' },
  published: { tone: 'success', icon: 'check' },
  refused: { tone: 'danger', icon: 'error' },
  unsure: { tone: 'warning', icon: 'alert' },
  held: { tone: 'warning', icon: 'pause' },
  cancelled: { tone: 'neutral', icon: 'close' },
}

export function DeliveryState({ delivery }: { delivery: Pick<Delivery, 'state' | 'removedAt'> }): ReactNode {
  if (delivery.removedAt !== null)
    return (
      <Badge tone="neutral" icon="trash">
        {t('posts.delivery.state.removed')}
      </Badge>
    )
  return <Badge {...deliveryStates[delivery.state]}>{t(`posts.delivery.state.${delivery.state}`)}</Badge>
}

/** The post's beginning in one line; what it is where it has no text. */
export function excerpt(post: Pick<Post, 'text' | 'variants' | 'attachments'>, length = 120): string {
  const text = [post.text, ...Object.values(post.variants)].find((candidate) => candidate.trim() !== '')
  const line = text?.replaceAll(/\s+/g, ' ').trim() ?? ''
  if (line === '') return t(post.attachments.length > 0 ? 'posts.onlyPictures' : 'posts.noText')
  const characters = [...line]
  return characters.length > length
    ? `${characters
        .slice(0, length - 1)
        .join('')
        .trimEnd()}…`
    : line
}
