/** Whether the ledger is whole, told in words; and the anchor that proves it to others later. */
import { useMutation } from '@tanstack/react-query'
import { type ReactNode, useRef } from 'react'
import { client } from '../../api.ts'
import { useFormat } from '../../format.ts'
import { t } from '../../i18n.tsx'
import { asProblem } from '../../problems.ts'
import { saveJson } from '../../save-file.ts'
import { Banner } from '../../ui/Banner.tsx'
import { Button } from '../../ui/Button.tsx'
import { Card } from '../../ui/Card.tsx'
import { ProblemBanner } from '../../ui/ProblemBanner.tsx'
import { toast } from '../../ui/toast.ts'
import type { Check, Fault } from './words.ts'

type Anchor = NonNullable<NonNullable<Parameters<typeof client.accessRecords.verify>[0]>['anchor']>

export function CheckCard(): ReactNode {
  const check = useMutation({
    mutationFn: async (file: File | null) => ({
      ...(await client.accessRecords.verify(file === null ? {} : { anchor: await anchorIn(file) })),
      isAnchored: file !== null,
    }),
  })
  const anchor = useMutation({
    mutationFn: () => client.accessRecords.anchor(),
    onSuccess: (taken) => saveJson(`litfass-ledger-${taken.at.slice(0, 10)}.json`, taken),
    onError: toast.failed,
  })
  return (
    <Card title={t('ledger.check.title')} description={t('ledger.check.text')}>
      <div className="flex flex-col gap-4">
        <div className="flex flex-wrap gap-2">
          <Button
            variant="primary"
            icon="check"
            onPress={() => check.mutate(null)}
            isPending={check.isPending}
          >
            {t('ledger.check')}
          </Button>
          <Button icon="download" onPress={() => anchor.mutate()} isPending={anchor.isPending}>
            {t('ledger.anchor')}
          </Button>
          <AnchorChooser onChoose={(file) => check.mutate(file)} isDisabled={check.isPending} />
        </div>
        <p className="max-w-prose text-sm text-muted">{t('ledger.anchor.text')}</p>
        {check.error && (
          <ProblemBanner problem={asProblem(check.error)} issues={asProblem(check.error).issues} />
        )}
        {check.data && !check.isPending && <Result check={check.data} isAnchored={check.data.isAnchored} />}
      </div>
    </Card>
  )
}

/** The file input itself cannot be made to look and read like a button. */
function AnchorChooser({
  onChoose,
  isDisabled,
}: {
  onChoose: (file: File) => void
  isDisabled: boolean
}): ReactNode {
  const input = useRef<HTMLInputElement>(null)
  return (
    <>
      <Button icon="upload" variant="quiet" onPress={() => input.current?.click()} isDisabled={isDisabled}>
        {t('ledger.check.anchor')}
      </Button>
      <input
        ref={input}
        hidden
        type="file"
        accept="application/json,.json"
        onChange={({ target }) => {
          const [file] = target.files ?? []
          if (file) onChoose(file)
          // So that the same file can be chosen again.
          target.value = ''
        }}
      />
    </>
  )
}

/** What is no anchor is told by the server as any other wrong input. */
async function anchorIn(file: File): Promise<Anchor> {
  const text = await file.text()
  try {
    return JSON.parse(text) as Anchor
  } catch {
    return {} as Anchor
  }
}

function Result({ check, isAnchored }: { check: Check; isAnchored: boolean }): ReactNode {
  const { number } = useFormat()
  const { entries, chains, unchained, unsettled, faults } = check
  const counts = { entries, chains, shown: number(entries) }
  const notes = [
    ...(unsettled > 0 ? [t('ledger.check.unsettled', { count: unsettled })] : []),
    ...(unchained > 0 ? [t('ledger.check.unchained', { count: unchained })] : []),
  ]
  if (faults.length === 0)
    return (
      <Banner tone="success" isLive title={t(isAnchored ? 'ledger.check.wholeSince' : 'ledger.check.whole')}>
        <p>{[t('ledger.check.counts', counts), ...notes].join(' ')}</p>
      </Banner>
    )
  return (
    <Banner tone="error" isLive title={t('ledger.check.broken', { count: faults.length })}>
      <ul className="list-disc pl-4">
        {faults.slice(0, shownAtMost).map((fault) => (
          <li key={`${fault.kind} ${fault.chainId} ${fault.number}`}>{faultText(fault)}</li>
        ))}
      </ul>
      {faults.length > shownAtMost && <p>{t('ledger.check.more', { count: faults.length - shownAtMost })}</p>}
      <p className="mt-1.5">{t('ledger.check.broken.text')}</p>
    </Banner>
  )
}

const shownAtMost = 20

function faultText({ kind, chainId, number }: Fault): string {
  return t(`ledger.fault.${kind}`, { chain: chainId, number })
}
