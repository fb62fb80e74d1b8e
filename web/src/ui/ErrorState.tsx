/** What a page shows when what it needs could not be loaded. */
import type { ReactNode } from 'react'
import { t } from '../i18n.tsx'
import { asProblem } from '../problems.ts'
import { Button } from './Button.tsx'
import { Icon } from './icons.tsx'

type Props = {
  error: unknown
  onRetry?: () => void
  /** Stands for a whole page, so its title is the page's. */
  isPage?: boolean
}

export function ErrorState({ error, onRetry, isPage = false }: Props): ReactNode {
  const Title = isPage ? 'h1' : 'h2'
  const problem = asProblem(error)
  return (
    <div role="alert" className="mx-auto flex max-w-lg flex-col items-center gap-3 px-4 py-16 text-center">
      <span className="grid size-12 place-items-center rounded-full bg-danger-soft text-danger">
        <Icon name="alert" size={24} />
      </span>
      <Title className="text-lg font-semibold">{problem.title}</Title>
      {problem.detail && <p className="text-muted wrap-anywhere">{problem.detail}</p>}
      {problem.remedy && <p className="text-muted wrap-anywhere">{problem.remedy}</p>}
      {problem.requestId && (
        <p className="text-xs text-muted">{t('ui.requestId', { id: problem.requestId })}</p>
      )}
      {onRetry && (
        <Button icon="refresh" onPress={onRetry} className="mt-2">
          {t('ui.tryAgain')}
        </Button>
      )}
    </div>
  )
}
