/** A written request to delete, entered by a person: about whom, and when it came in. */
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { client } from '../../api.ts'
import { useFormat } from '../../format.ts'
import { t } from '../../i18n.tsx'
import { Banner } from '../../ui/Banner.tsx'
import { Button } from '../../ui/Button.tsx'
import { DateTimeField } from '../../ui/DateTimeField.tsx'
import { Dialog } from '../../ui/Dialog.tsx'
import { Form } from '../../ui/Form.tsx'
import { RadioGroup } from '../../ui/RadioGroup.tsx'
import { Select } from '../../ui/Select.tsx'
import { TextField } from '../../ui/TextField.tsx'
import { toast } from '../../ui/toast.ts'
import { wallTime } from '../../wall-time.ts'
import type { KeptNetwork } from './words.ts'

type Props = { networks: readonly KeptNetwork[]; onClose: () => void }

export function RequestDialog({ networks, onClose }: Props): ReactNode {
  const format = useFormat()
  const queries = useQueryClient()
  const accounts = networks.flatMap(({ name, connections }) =>
    connections.map((connection) => ({ id: connection.id, text: connection.name, detail: name })),
  )
  const [kind, setKind] = useState<'account' | 'network'>('account')
  const [accountId, setAccountId] = useState(accounts[0]?.id ?? null)
  const [network, setNetwork] = useState(networks[0]?.network ?? null)
  const [receivedAt, setReceivedAt] = useState(wallTime(new Date(), format.timeZone))
  const order = useMutation({
    mutationFn: ({ note = '' }: Record<string, string>) =>
      client.data.order({
        reason: kind === 'account' ? 'request' : 'terminated',
        ...(kind === 'account' && accountId !== null ? { connectionId: accountId } : {}),
        ...(kind === 'network' && network !== null ? { network } : {}),
        receivedAt,
        note,
      }),
    onSuccess: async () => {
      await queries.invalidateQueries()
      toast.done(t('data.request.done'))
      onClose()
    },
  })
  return (
    <Dialog
      isOpen
      width="medium"
      title={t('data.request.title')}
      onClose={onClose}
      footer={
        <>
          <Button onPress={onClose}>{t('ui.cancel')}</Button>
          <Button
            type="submit"
            form="deletion-request"
            variant="danger"
            isPending={order.isPending}
            isDisabled={kind === 'account' ? accountId === null : network === null}
          >
            {t('data.request.send')}
          </Button>
        </>
      }
    >
      <Form id="deletion-request" onSend={order.mutate} error={order.error} fields={['note']}>
        <RadioGroup
          label={t('data.request.why')}
          value={kind}
          onChange={(id) => setKind(id === 'network' ? 'network' : 'account')}
          choices={[
            { id: 'account', text: t('data.request.account'), detail: t('data.request.account.hint') },
            { id: 'network', text: t('data.request.network'), detail: t('data.request.network.hint') },
          ]}
        />
        {kind === 'account' ? (
          <Select
            label={t('data.request.whose')}
            choices={accounts}
            value={accountId}
            onChange={setAccountId}
          />
        ) : (
          <Select
            label={t('data.request.which')}
            choices={networks.map(({ network: id, name }) => ({ id, text: name }))}
            value={network}
            onChange={setNetwork}
          />
        )}
        <DateTimeField
          label={t('data.request.received')}
          description={t('data.request.received.hint')}
          value={receivedAt}
          onChange={(value) => value !== null && setReceivedAt(value)}
        />
        <TextField
          label={t('data.request.note')}
          description={t('data.request.note.hint')}
          name="note"
          maxLength={200}
          isOptional
        />
        <Banner tone="warning" title={t('data.request.warning')}>
          {t('data.request.warning.text')}
        </Banner>
      </Form>
    </Dialog>
  )
}
