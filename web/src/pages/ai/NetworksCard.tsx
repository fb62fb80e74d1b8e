/** Whether data read from each network may go to a model; where its terms forbid it, why and where that stands. */
import { useMutation } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { api, client, queryClient } from '../../api.ts'
import { useFormat } from '../../format.ts'
import { hasText, t } from '../../i18n.tsx'
import { Badge, type Tone } from '../../ui/Badge.tsx'
import { Card } from '../../ui/Card.tsx'
import { ExternalLink } from '../../ui/Link.tsx'
import { NetworkLogo } from '../../ui/NetworkBadge.tsx'
import { Switch } from '../../ui/Switch.tsx'
import { toast } from '../../ui/toast.ts'
import type { Ai } from './HelpCard.tsx'

type AiNetwork = Ai['networks'][number]
type Rule = AiNetwork['rules'][number]

export function NetworksCard({ networks }: { networks: readonly AiNetwork[] }): ReactNode {
  // What can be chosen stands above what cannot.
  const sorted = networks.toSorted((a, b) => Number(b.canBeAllowed) - Number(a.canBeAllowed))
  return (
    <Card isFlush title={t('ai.networks.title')} description={t('ai.networks.text')}>
      <ul className="divide-y divide-line">
        {sorted.map((network) => (
          <NetworkRow key={network.network} network={network} />
        ))}
      </ul>
    </Card>
  )
}

function NetworkRow({ network }: { network: AiNetwork }): ReactNode {
  const { name, canBeAllowed, isAllowed, reason } = network
  const allow = useMutation({
    mutationFn: (chosen: boolean) => client.ai.allow({ network: network.network, isAllowed: chosen }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: api.ai.key() }),
    onError: toast.failed,
  })
  const [tone, state]: [Tone, string] = isAllowed
    ? ['success', t('ai.networks.allowed')]
    : canBeAllowed
      ? ['neutral', t('ai.networks.off')]
      : ['warning', t('ai.networks.forbidden')]
  const why = `ai.reason.${reason.code}`
  return (
    <li className="flex flex-col gap-2 px-5 py-3.5">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <NetworkLogo network={network.network} size={24} />
        <h3 className="min-w-24 flex-1 font-medium">{name}</h3>
        <Badge tone={tone}>{state}</Badge>
        <Switch
          aria-label={t('ai.networks.allow', { network: name })}
          isSelected={isAllowed}
          isDisabled={!canBeAllowed || allow.isPending}
          onChange={(chosen) => allow.mutate(chosen)}
        >
          {null}
        </Switch>
      </div>
      <p className="max-w-prose text-sm">{hasText(why) ? t(why, reason.params) : reason.message}</p>
      <Rules network={network} />
    </li>
  )
}

/** Rules are kept in English, as the networks write theirs. One that holds for several classes stands once. */
function Rules({ network: { rules, readOn } }: { network: AiNetwork }): ReactNode {
  const format = useFormat()
  const once = [...new Map(rules.map((rule) => [`${rule.id} ${rule.rule}`, rule])).values()]
  return (
    <ul className="flex flex-col gap-2 text-sm text-muted">
      {once.map((rule) => (
        <RuleRow key={rule.rule} rule={rule} />
      ))}
      <li>{t('ai.networks.readOn', { day: format.date(readOn) })}</li>
    </ul>
  )
}

function RuleRow({ rule }: { rule: Rule }): ReactNode {
  return (
    <li className="flex flex-wrap items-baseline gap-x-2">
      <Badge>{rule.id}</Badge>
      <span className="min-w-0 flex-1 basis-60">
        <span lang="en">{rule.rule}</span>
        {rule.confidence !== 'high' && <span> {t(`ai.confidence.${rule.confidence}`)}</span>}
      </span>
      <ExternalLink href={rule.source}>{t('ai.networks.since', { day: rule.since })}</ExternalLink>
    </li>
  )
}
