/** What a round delivers: posts to every network, and the first comments below them. */
import { newId } from '#domain/id.ts'
import type { Fault, Subject } from './fault.ts'
import type { Chance } from './random.ts'
import type { Channel, Scheduled } from './talk.ts'

export type Choice = {
  fault: Fault
  subject: Subject
  chance: Chance
  channels: readonly Channel[]
  networks: readonly string[]
  label: string
}

/** At most two channels of each network, a picture on every second post and wherever steps are wanted. */
export function postsOf({ fault, subject, chance, channels, networks, label }: Choice): Scheduled[] {
  const wantsSteps =
    subject !== 'comments' && (fault.rules?.some(({ match }) => match?.effect === 'upload') ?? false)
  return networksOf(fault, subject, networks).flatMap((network) => {
    const able = channels.filter((channel) => channel.network === network && isAble(channel, subject))
    const chosen: Channel[] = []
    while (chosen.length < Math.min(2, able.length))
      chosen.push(chance.pick(able.filter((channel) => !chosen.includes(channel))))
    return chosen.map((channel, index) => ({
      id: newId('dlv', new Date()),
      postId: newId('pst', new Date()),
      parentId: null,
      channel,
      text: `Proof ${label} ${network} ${index} end.`,
      withPicture: wantsSteps || network === 'instagram' || chance.below(2) === 0,
      dueInMs: 60 + chance.below(40),
    }))
  })
}

function networksOf(fault: Fault, subject: Subject, networks: readonly string[]): readonly string[] {
  const { commentsOf } = fault
  return subject === 'comments' && commentsOf ? networks.filter((id) => commentsOf.includes(id)) : networks
}

const isAble = ({ takesComment }: Channel, subject: Subject) => subject === 'posts' || takesComment

/** One below each post; with a time of its own where the post is out already. */
export function commentsBelow(posts: readonly Scheduled[], chance: Chance, isPostOut: boolean): Scheduled[] {
  return posts.map((post) => ({
    ...post,
    id: newId('dlv', new Date()),
    parentId: post.id,
    text: post.text.replace('Proof', 'Comment'),
    withPicture: false,
    dueInMs: isPostOut ? 60 + chance.below(40) : null,
  }))
}
