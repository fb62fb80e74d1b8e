/** Whether what is written is safe. */
import type { ReactNode } from 'react'
import { t } from '../../i18n.tsx'
import { Button } from '../../ui/Button.tsx'
import { Icon, type IconName } from '../../ui/icons.tsx'
import type { SaveState } from './autosave.ts'

type Props = { state: SaveState; isDraft: boolean; hasContent: boolean; onRetry: () => void }

export function SaveMark({ state, isDraft, hasContent, onRetry }: Props): ReactNode {
  if (!hasContent) return null
  const [icon, text]: [IconName, string] = wording(state, isDraft)
  const isTrouble = state.kind === 'failed' || state.kind === 'conflict'
  return (
    <span className="inline-flex min-h-8 items-center gap-2 text-sm text-muted">
      <span className={isTrouble ? 'text-danger' : ''}>
        <Icon name={icon} size={16} />
      </span>
      {text}
      {/* Who listens hears of trouble, not of every pause in writing. */}
      <span role="status" className="sr-only">
        {isTrouble ? text : ''}
      </span>
      {state.kind === 'failed' && isDraft && (
        <Button size="small" onPress={onRetry}>
          {t('ui.tryAgain')}
        </Button>
      )}
    </span>
  )
}

function wording(state: SaveState, isDraft: boolean): [IconName, string] {
  switch (state.kind) {
    case 'saved':
      return ['check', t(isDraft ? 'compose.save.saved' : 'compose.save.unchanged')]
    case 'unsaved':
      return ['pencil', t(isDraft ? 'compose.save.unsaved' : 'compose.save.changed')]
    case 'saving':
      return ['refresh', t('compose.save.saving')]
    case 'failed':
      return ['alert', t('compose.save.failed', { reason: state.problem.title })]
    case 'conflict':
      return ['alert', t('compose.save.conflict')]
  }
}
