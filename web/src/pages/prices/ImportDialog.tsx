/** Takes a file of prices over: says first what would change, and names every line that is wrong. */
import { useMutation } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { api, type Client, client, type Output, queryClient } from '../../api.ts'
import { t } from '../../i18n.tsx'
import { Banner } from '../../ui/Banner.tsx'
import { Button } from '../../ui/Button.tsx'
import { Dialog } from '../../ui/Dialog.tsx'
import { toast } from '../../ui/toast.ts'
import { WrongLines } from './WrongLines.tsx'

type Counts = Output<Client['prices']['import']>

export function ImportDialog({ onClose }: { onClose: () => void }): ReactNode {
  const [text, setText] = useState('')
  const look = useMutation({
    mutationFn: (file: string) => client.prices.import({ text: file, dryRun: true }),
  })
  const take = useMutation({
    mutationFn: () => client.prices.import({ text }),
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: api.prices.key() })
      toast.done(t('prices.import.done'))
      onClose()
    },
  })
  const counts = look.data
  const error = take.error ?? look.error
  const read = async (file: File) => {
    const content = await file.text()
    setText(content)
    take.reset()
    look.mutate(content)
  }
  return (
    <Dialog
      isOpen
      width="medium"
      title={t('prices.import.title')}
      onClose={onClose}
      footer={
        <>
          <Button onPress={onClose}>{t('ui.cancel')}</Button>
          <Button
            variant="primary"
            onPress={() => take.mutate()}
            isDisabled={!counts || counts.added + counts.replaced === 0}
            isPending={take.isPending}
          >
            {t('prices.import.take')}
          </Button>
        </>
      }
    >
      <p className="text-muted">{t('prices.import.text')}</p>
      <label className="flex flex-col gap-1.5">
        <span className="text-sm font-medium">{t('prices.import.file')}</span>
        <input
          type="file"
          accept="application/json,.json"
          onChange={({ target }) => target.files?.[0] && void read(target.files[0])}
          className="control w-full px-3 py-2 text-sm file:mr-3 file:rounded-md file:border-0 file:bg-sunken file:px-3 file:py-1 file:text-ink"
        />
      </label>
      {error != null && <WrongLines error={error} />}
      {counts && error == null && <Foreseen counts={counts} />}
    </Dialog>
  )
}

function Foreseen({ counts }: { counts: Counts }): ReactNode {
  return (
    <Banner tone={counts.added + counts.replaced === 0 ? 'info' : 'success'} isLive>
      {t('prices.import.counts', counts)}
    </Banner>
  )
}
