/** Another text for a first comment that is not there: told at once what its network would refuse, then sent. */
import { useMutation } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { client } from '../../api.ts'
import { t } from '../../i18n.tsx'
import { Button } from '../../ui/Button.tsx'
import { Dialog } from '../../ui/Dialog.tsx'
import { Form } from '../../ui/Form.tsx'
import { TextArea } from '../../ui/TextArea.tsx'
import { toast } from '../../ui/toast.ts'
import { emptyContent } from '../compose/content.ts'
import { useDryRun } from '../compose/dry-run.ts'
import { problemText } from '../compose/problem-text.ts'
import type { Delivery } from './states.tsx'

type Props = {
  delivery: Delivery
  text: string
  onClose: () => void
  /** It is on its way with its new text. */
  onSent: () => Promise<unknown>
}

export function RewordDialog({ delivery, text: before, onClose, onSent }: Props): ReactNode {
  const { id, channelId, channelName } = delivery
  const [text, setText] = useState(before)
  const send = useMutation({
    mutationFn: () => client.deliveries.reword({ id, text }),
    onSuccess: async () => {
      onClose()
      toast.done(t('posts.delivery.done.again', { channel: channelName }))
      await onSent()
    },
  })
  const { answer, isFresh } = useDryRun({
    ...emptyContent,
    channelIds: [channelId],
    firstComments: { [channelId]: text },
  })
  const verdict = answer?.verdicts[0]?.comment ?? null
  const problems = verdict?.problems ?? []
  // What was sent and may have come through is worth a look before there are two.
  const mayBeLive = delivery.state === 'cancelled' && delivery.attempts > 0
  return (
    <Dialog
      title={t('posts.comment.reword.title', { channel: channelName })}
      isOpen
      onClose={onClose}
      footer={
        <>
          <Button onPress={onClose}>{t('ui.cancel')}</Button>
          <Button
            type="submit"
            form="reword-form"
            variant="primary"
            isPending={send.isPending}
            isDisabled={text.trim() === '' || (isFresh && problems.length > 0)}
          >
            {t('posts.comment.reword.send')}
          </Button>
        </>
      }
    >
      <Form id="reword-form" fields={['text']} onSend={() => send.mutate()} error={send.error ?? undefined}>
        <p className="text-muted">
          {t(mayBeLive ? 'posts.comment.reword.look' : 'posts.comment.reword.text')}
        </p>
        <TextArea
          label={t('posts.comment.title')}
          name="text"
          value={text}
          onChange={setText}
          isRequired
          autoFocus
        />
        <div role="status" className="flex flex-col gap-1 text-sm">
          {verdict?.isOffered && (
            <p className="text-muted tabular-nums">
              {t('compose.count.of', { length: verdict.length, max: verdict.maxLength })}
            </p>
          )}
          {problems.map((problem) => (
            <p key={problem.code} className="text-danger wrap-anywhere">
              {problemText(problem)}
            </p>
          ))}
        </div>
      </Form>
    </Dialog>
  )
}
