/** The first steps of a new workspace, as long as one is missing and nobody has put them away. */
import { useQueries } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { api } from '../../api.ts'
import { t } from '../../i18n.tsx'
import { remember, remembered } from '../../remember.ts'
import { useMay, useMe } from '../../session.ts'
import { cx } from '../../ui/cx.ts'
import { Icon } from '../../ui/icons.tsx'
import { IconButton } from '../../ui/IconButton.tsx'
import { Link } from '../../ui/Link.tsx'
import { useRecentPosts } from './recent.ts'

export function FirstSteps(): ReactNode {
  const { workspace } = useMe()
  const [putAwayIn, setPutAwayIn] = useState(() => (remembered('first-steps') ?? '').split(' '))
  const isAdmin = useMay('admin')
  const published = useRecentPosts()
  const [channels, posts, members] = useQueries({
    queries: [
      api.channels.list.queryOptions(),
      api.posts.list.queryOptions({ input: { limit: 1 } }),
      api.members.list.queryOptions(),
    ],
  })
  if (putAwayIn.includes(workspace.id) || !isAdmin) return null
  if (!channels.data || !posts.data || !members.data || !published.data) return null
  const steps = [
    {
      id: 'connect',
      isDone: channels.data.items.length > 0,
      link: (text: string) => (
        <Link to="/connections/new" search={{}}>
          {text}
        </Link>
      ),
    },
    {
      id: 'write',
      isDone: posts.data.items.length > 0,
      link: (text: string) => (
        <Link to="/compose/{-$postId}" params={{ postId: undefined }}>
          {text}
        </Link>
      ),
    },
    {
      id: 'publish',
      isDone: published.data.length > 0,
      link: (text: string) => (
        <Link to="/posts" search={{}}>
          {text}
        </Link>
      ),
    },
    {
      id: 'invite',
      isDone: members.data.items.length > 1,
      link: (text: string) => <Link to="/settings/members">{text}</Link>,
    },
  ]
  if (steps.every(({ isDone }) => isDone)) return null
  const putAway = () => {
    const all = [...putAwayIn, workspace.id]
    remember('first-steps', all.join(' '))
    setPutAwayIn(all)
  }
  return (
    <section
      aria-label={t('overview.steps.title')}
      className="rounded-xl border border-line bg-surface p-5 shadow-low"
    >
      <header className="mb-3 flex items-center justify-between gap-3">
        <h2 className="text-base font-semibold">{t('overview.steps.title')}</h2>
        <IconButton icon="close" size="small" label={t('overview.steps.away')} onPress={putAway} />
      </header>
      <ol className="grid gap-3 sm:grid-cols-2 lg:grid-cols-4">
        {steps.map(({ id, isDone, link }) => (
          <li key={id} className="flex items-center gap-2.5">
            <span
              className={cx(
                'grid size-7 shrink-0 place-items-center rounded-full',
                isDone
                  ? 'bg-success-soft text-success'
                  : 'bg-sunken text-muted ring-1 ring-line-strong ring-inset',
              )}
            >
              {isDone && <Icon name="check" size={16} />}
            </span>
            <span>
              <span className="sr-only">{t(isDone ? 'overview.steps.done' : 'overview.steps.open')}: </span>
              {isDone ? (
                <span className="text-muted">{t(`overview.steps.${id}`)}</span>
              ) : (
                link(t(`overview.steps.${id}`))
              )}
            </span>
          </li>
        ))}
      </ol>
    </section>
  )
}
