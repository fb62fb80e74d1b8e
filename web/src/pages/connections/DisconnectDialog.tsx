/** Disconnecting, with a list of what it touches before it is done. */
import { useMutation, useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { api, client, queryClient } from '../../api.ts'
import { useFormat } from '../../format.ts'
import { t } from '../../i18n.tsx'
import { asProblem } from '../../problems.ts'
import { Button } from '../../ui/Button.tsx'
import { Dialog } from '../../ui/Dialog.tsx'
import { ProblemBanner } from '../../ui/ProblemBanner.tsx'
import { Skeleton } from '../../ui/Skeleton.tsx'
import { toast } from '../../ui/toast.ts'
import type { Connection } from './types.ts'

type Props = { connection: Connection; isOpen: boolean; onClose: () => void }

export function DisconnectDialog({ connection, isOpen, onClose }: Props): ReactNode {
  const { shortDateTime } = useFormat()
  const impact = useQuery({
    ...api.connections.impact.queryOptions({ input: { id: connection.id }, staleTime: 0 }),
    enabled: isOpen,
  })
  const remove = useMutation({
    mutationFn: () => client.connections.remove({ id: connection.id }),
    onSuccess: async ({ heldDeliveries }) => {
      onClose()
      toast.done(t('connections.leave.done', { name: connection.name, count: heldDeliveries }))
      await queryClient.invalidateQueries()
    },
  })
  return (
    <Dialog
      role="alertdialog"
      width="medium"
      title={t('connections.leave.title', { name: connection.name })}
      isOpen={isOpen}
      onClose={onClose}
      footer={
        <>
          <Button onPress={onClose}>{t('ui.cancel')}</Button>
          <Button
            variant="danger"
            isDisabled={!impact.data}
            isPending={remove.isPending}
            onPress={() => remove.mutate()}
          >
            {t('connections.disconnect')}
          </Button>
        </>
      }
    >
      <p className="text-muted">{t('connections.leave.text')}</p>
      {impact.error && <ProblemBanner problem={asProblem(impact.error)} />}
      {remove.error && <ProblemBanner problem={asProblem(remove.error)} />}
      {impact.isPending ? (
        <Skeleton className="h-16" />
      ) : (
        impact.data && (
          <>
            <p>
              {t('connections.leave.channels', { count: impact.data.channels.length })}{' '}
              <strong>{impact.data.channels.map(({ name }) => name).join(', ')}</strong>
            </p>
            <p>{t('connections.leave.deliveries', { count: impact.data.deliveryCount })}</p>
            {impact.data.deliveries.length > 0 && (
              <ul
                className="max-h-56 divide-y divide-line overflow-y-auto rounded-lg border border-line text-sm"
                tabIndex={0}
                aria-label={t('connections.leave.list')}
              >
                {impact.data.deliveries.map((delivery) => (
                  <li key={delivery.id} className="flex gap-3 px-3 py-2">
                    <span className="w-32 shrink-0 text-muted">{shortDateTime(delivery.dueAt)}</span>
                    <span className="min-w-0 flex-1 truncate">{delivery.text || t('posts.noText')}</span>
                  </li>
                ))}
              </ul>
            )}
          </>
        )
      )}
    </Dialog>
  )
}
