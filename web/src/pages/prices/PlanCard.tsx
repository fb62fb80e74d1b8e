/** The plan the workspace is on at a network, and whose account owns the app where prices depend on that. */
import { useMutation, useQuery } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { api, client, queryClient } from '../../api.ts'
import { useFormat } from '../../format.ts'
import { t } from '../../i18n.tsx'
import { asProblem } from '../../problems.ts'
import { useMay } from '../../session.ts'
import { Button } from '../../ui/Button.tsx'
import { Card } from '../../ui/Card.tsx'
import { Checkbox, CheckboxGroup } from '../../ui/Checkbox.tsx'
import { Dialog } from '../../ui/Dialog.tsx'
import { ProblemBanner } from '../../ui/ProblemBanner.tsx'
import { Select } from '../../ui/Select.tsx'
import { toast } from '../../ui/toast.ts'
import type { NetworkPlan } from './words.ts'

export function PlanCard({ plan }: { plan: NetworkPlan }): ReactNode {
  const { money } = useFormat()
  const isAdmin = useMay('admin')
  const [isChanging, setChanging] = useState(false)
  const chosen = plan.plans.find(({ id }) => id === plan.plan)
  const canChange = isAdmin && (plan.plans.length > 1 || plan.dependsOnOwner)
  return (
    <>
      <Card
        title={t('prices.plan', { network: plan.name, plan: chosen?.name ?? plan.plan })}
        description={[
          feeText(chosen?.monthlyFee ?? null, money),
          ...(plan.dependsOnOwner ? [t('prices.owners.count', { count: plan.owners.length })] : []),
        ].join(' ')}
        actions={
          canChange && (
            <Button size="small" onPress={() => setChanging(true)}>
              {t('prices.plan.change')}
            </Button>
          )
        }
      />
      {isChanging && <PlanDialog plan={plan} onClose={() => setChanging(false)} />}
    </>
  )
}

type Fee = NetworkPlan['plans'][number]['monthlyFee']

function feeText(fee: Fee, money: (value: NonNullable<Fee>) => string): string {
  if (fee === null) return t('prices.fee.unknown')
  return Number(fee.amount) === 0 ? t('prices.fee.none') : t('prices.fee', { price: money(fee) })
}

function PlanDialog({ plan, onClose }: { plan: NetworkPlan; onClose: () => void }): ReactNode {
  const { money } = useFormat()
  const [chosen, setChosen] = useState(plan.plan)
  const [owners, setOwners] = useState<string[]>(plan.owners)
  const save = useMutation({
    mutationFn: () => client.prices.choosePlan({ network: plan.network, plan: chosen, owners }),
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: api.prices.key() })
      toast.done(t('prices.plan.saved'))
      onClose()
    },
  })
  return (
    <Dialog
      isOpen
      width="medium"
      title={t('prices.plan.title', { network: plan.name })}
      onClose={onClose}
      footer={
        <>
          <Button onPress={onClose}>{t('ui.cancel')}</Button>
          <Button variant="primary" onPress={() => save.mutate()} isPending={save.isPending}>
            {t('prices.save')}
          </Button>
        </>
      }
    >
      {save.error && <ProblemBanner problem={asProblem(save.error)} issues={asProblem(save.error).issues} />}
      <Select
        label={t('prices.field.plan')}
        value={chosen}
        onChange={setChosen}
        description={t('prices.plan.hint')}
        choices={plan.plans.map(({ id, name, monthlyFee }) => ({
          id,
          text: name,
          detail: feeText(monthlyFee, money),
        }))}
      />
      {plan.dependsOnOwner && <Owners network={plan.network} owners={owners} onChange={setOwners} />}
    </Dialog>
  )
}

function Owners({
  network,
  owners,
  onChange,
}: {
  network: string
  owners: string[]
  onChange: (ids: string[]) => void
}): ReactNode {
  const { data } = useQuery(api.connections.list.queryOptions({ input: {} }))
  const connections = data?.items.filter((one) => one.network === network) ?? []
  return (
    <CheckboxGroup
      label={t('prices.owners')}
      description={t('prices.owners.hint')}
      value={owners}
      onChange={onChange}
    >
      {connections.length === 0 && <p className="text-sm text-muted">{t('prices.owners.none')}</p>}
      {connections.map(({ id, name }) => (
        <Checkbox key={id} value={id}>
          {name}
        </Checkbox>
      ))}
    </CheckboxGroup>
  )
}
