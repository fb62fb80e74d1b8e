/** Budgets that are proposed where calls cost and nothing limits them: said in words, set with one press. */
import { useMutation, useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { api, client, queryClient } from '../../api.ts'
import { useFormat } from '../../format.ts'
import { t } from '../../i18n.tsx'
import { useMay } from '../../session.ts'
import { Banner } from '../../ui/Banner.tsx'
import { Button } from '../../ui/Button.tsx'
import { toast } from '../../ui/toast.ts'
import { useNames } from './names.ts'
import type { Names, Proposal } from './words.ts'

export function ProposalBanner({ proposal, names }: { proposal: Proposal; names: Names }): ReactNode {
  const { money } = useFormat()
  const isAdmin = useMay('admin')
  const { network, amount, perPost, isPractice } = proposal
  const set = useMutation({
    mutationFn: () => client.budgets.create({ network, period: 'month', amount: amount.amount }),
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: api.budgets.key() })
      toast.done(t('budgets.saved'))
    },
    onError: toast.failed,
  })
  return (
    <Banner
      tone="warning"
      title={t('budgets.proposal', { network: names.network(network) })}
      action={
        isAdmin && (
          <Button size="small" onPress={() => set.mutate()} isPending={set.isPending}>
            {t('budgets.proposal.set', { amount: money(amount) })}
          </Button>
        )
      }
    >
      {perPost && (
        <p>
          {t('budgets.proposal.perPost', {
            withLink: money(perPost.withLink),
            withoutLink: money(perPost.withoutLink),
          })}
        </p>
      )}
      <p>{t('budgets.proposal.means')}</p>
      {isPractice && <p>{t('budgets.proposal.practice')}</p>}
    </Banner>
  )
}

/** Where accounts are connected: of real ones always, of simulated ones once they have just been `added`. */
export function Unlimited({ added }: { added: string | undefined }): ReactNode {
  const { data } = useQuery(api.budgets.list.queryOptions({ staleTime: 0 }))
  const names = useNames()
  return data?.proposals
    .filter(({ network, isPractice }) => !isPractice || network === added)
    .map((proposal) => <ProposalBanner key={proposal.network} proposal={proposal} names={names} />)
}
