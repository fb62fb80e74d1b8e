/** Whether this account owns the app, where the network charges its owner less for reading what is its own. */
import { useMutation, useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { api, client, queryClient } from '../../api.ts'
import { useFormat } from '../../format.ts'
import { t } from '../../i18n.tsx'
import { useMay } from '../../session.ts'
import { Badge } from '../../ui/Badge.tsx'
import { Switch } from '../../ui/Switch.tsx'
import { toast } from '../../ui/toast.ts'

export function AppOwner({ connectionId, network }: { connectionId: string; network: string }): ReactNode {
  const { money, number } = useFormat()
  const isAdmin = useMay('admin')
  const { data } = useQuery(api.prices.owners.queryOptions())
  const mark = useMutation({
    mutationFn: (isOwner: boolean) => client.prices.setOwner({ connectionId, isOwner }),
    onSuccess: async (_, isOwner) => {
      await queryClient.invalidateQueries({ queryKey: api.prices.key() })
      toast.done(t(isOwner ? 'connections.owner.marked' : 'connections.owner.unmarked'))
    },
    onError: toast.failed,
  })
  const account = data?.items.find((one) => one.connectionId === connectionId)
  const price = account?.prices[0]
  if (!account || !price) return null
  const { isOwner, items, days, difference } = account
  const isProposed = !isOwner && items > 0
  return (
    <div className="flex flex-col gap-1.5 rounded-lg bg-sunken px-4 py-3 text-sm">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1.5">
        {isAdmin ? (
          <Switch
            isSelected={mark.isPending ? mark.variables : isOwner}
            isDisabled={mark.isPending}
            onChange={(selected) => mark.mutate(selected)}
          >
            <span className="font-medium">{t('connections.owner')}</span>
          </Switch>
        ) : (
          <span className="font-medium">{t(isOwner ? 'connections.owner' : 'connections.owner.no')}</span>
        )}
        {isProposed && <Badge tone="info">{t('connections.owner.proposed')}</Badge>}
      </div>
      <p className="text-muted">
        {t('connections.owner.text', {
          network,
          owned: money(price.owned),
          otherwise: money(price.otherwise),
        })}
      </p>
      {items > 0 && (
        <p>
          {t(isOwner ? 'connections.owner.saved' : 'connections.owner.wouldSave', {
            count: items,
            shown: number(items),
            days,
            less: money(difference),
          })}
        </p>
      )}
    </div>
  )
}
