/** Choosing which of a connection's channels are used. */
import { useMutation, useSuspenseQuery } from '@tanstack/react-query'
import { useNavigate, useParams } from '@tanstack/react-router'
import { type ReactNode, useState } from 'react'
import { api, client, queryClient } from '../../api.ts'
import { t } from '../../i18n.tsx'
import { asProblem } from '../../problems.ts'
import { Button } from '../../ui/Button.tsx'
import { Checkbox, CheckboxGroup } from '../../ui/Checkbox.tsx'
import { Card } from '../../ui/Card.tsx'
import { Link } from '../../ui/Link.tsx'
import { PageHeader } from '../../ui/PageHeader.tsx'
import { ProblemBanner } from '../../ui/ProblemBanner.tsx'
import { toast } from '../../ui/toast.ts'

export function ChannelsPage(): ReactNode {
  const { connectionId } = useParams({ from: '/shell/connections/$connectionId/channels' })
  const navigate = useNavigate()
  const { data: connection } = useSuspenseQuery(
    api.connections.show.queryOptions({ input: { id: connectionId } }),
  )
  const reachable = connection.channels.filter(({ state }) => state !== 'removed')
  const before = reachable.filter(({ state }) => state === 'active').map(({ id }) => id)
  // Somebody who just connected wants the channels; choosing fewer is the exception.
  const [chosen, setChosen] = useState(() => (before.length === 0 ? reachable.map(({ id }) => id) : before))
  const save = useMutation({
    mutationFn: () => client.connections.choose({ id: connectionId, channelIds: chosen }),
    onSuccess: async () => {
      toast.done(t('connections.chosen', { count: chosen.length }))
      await queryClient.invalidateQueries({ queryKey: api.connections.key() })
      await queryClient.invalidateQueries({ queryKey: api.channels.key() })
      await navigate({ to: '/connections', search: {} })
    },
  })
  return (
    <>
      <PageHeader
        title={t('connections.choosing.title', { name: connection.name })}
        description={t('connections.choosing.text')}
        back={
          <Link to="/connections" search={{}}>
            {t('connections.back')}
          </Link>
        }
      />
      <div className="flex max-w-2xl flex-col gap-4">
        {save.error && (
          <ProblemBanner problem={asProblem(save.error)} issues={asProblem(save.error).issues} />
        )}
        <Card>
          <CheckboxGroup label={t('connections.channels')} value={chosen} onChange={setChosen}>
            {reachable.map((channel) => (
              <Checkbox key={channel.id} value={channel.id}>
                <span className="font-medium">{channel.name}</span>
                <span className="block text-sm text-muted">
                  {channel.handle ? `@${channel.handle} · ` : ''}
                  {t(`connections.kind.${channel.kind}`)}
                </span>
              </Checkbox>
            ))}
          </CheckboxGroup>
        </Card>
        <div>
          <Button variant="primary" isPending={save.isPending} onPress={() => save.mutate()}>
            {t('connections.choosing.save', { count: chosen.length })}
          </Button>
        </div>
      </div>
    </>
  )
}
