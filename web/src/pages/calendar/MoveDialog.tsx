/** Moving a post without dragging it. */
import { type ReactNode, useState } from 'react'
import { useFormat } from '../../format.ts'
import { t } from '../../i18n.tsx'
import { Button } from '../../ui/Button.tsx'
import { DateTimeField } from '../../ui/DateTimeField.tsx'
import { Dialog } from '../../ui/Dialog.tsx'
import { wallTime } from '../../wall-time.ts'
import { excerpt, type Post } from '../posts/states.tsx'

type Props = { post: Post; onClose: () => void; onMove: (at: string) => void }

export function MoveDialog({ post, onClose, onMove }: Props): ReactNode {
  const { timeZone } = useFormat()
  const now = new Date()
  const [at, setAt] = useState<string | null>(
    wallTime(post.dueAt === null ? now : new Date(post.dueAt), timeZone),
  )
  const move = () => {
    if (at === null) return
    onMove(at)
    onClose()
  }
  return (
    <Dialog
      title={t('calendar.moving')}
      isOpen
      onClose={onClose}
      footer={
        <>
          <Button onPress={onClose}>{t('ui.cancel')}</Button>
          <Button variant="primary" isDisabled={at === null} onPress={move}>
            {t('calendar.moveIt')}
          </Button>
        </>
      }
    >
      <p className="text-muted wrap-anywhere">{excerpt(post)}</p>
      <DateTimeField
        label={t('compose.when.at')}
        value={at}
        onChange={setAt}
        minDay={wallTime(now, timeZone).slice(0, 10)}
        description={t('compose.when.zone', { zone: timeZone.replaceAll('_', ' ') })}
      />
    </Dialog>
  )
}
