/** What a model suggests, each beside its length; the text itself has not changed. */
import type { ReactNode } from 'react'
import { t } from '../../i18n.tsx'
import { Button } from '../../ui/Button.tsx'
import { cx } from '../../ui/cx.ts'
import type { HelpProps } from './Help.tsx'
import { Counters } from './TextPanel.tsx'

type Props = Pick<HelpProps, 'current' | 'networks' | 'maxLength'> & {
  suggestions: readonly string[]
  /** Whether the text is another one than was asked about. */
  hasChanged: boolean
  onTake: (text: string) => void
  onDiscard: () => void
}

export function Suggestions({ suggestions, hasChanged, onDiscard, ...props }: Props): ReactNode {
  return (
    <>
      {hasChanged && <p className="text-sm text-warning">{t('ai.compose.changed')}</p>}
      <ol className="flex flex-col gap-3">
        {suggestions.map((suggestion, index) => (
          <Suggestion key={suggestion} {...props} text={suggestion} number={index + 1} />
        ))}
      </ol>
      <div>
        <Button size="small" variant="quiet" onPress={onDiscard}>
          {t('ai.compose.discard')}
        </Button>
      </div>
    </>
  )
}

type SuggestionProps = Pick<Props, 'current' | 'networks' | 'maxLength' | 'onTake'> & {
  text: string
  number: number
}

function Suggestion({ text, number, current, networks = [], maxLength, onTake }: SuggestionProps): ReactNode {
  return (
    <li className="flex flex-col gap-2 rounded-md border border-line bg-surface p-3">
      <p className="sr-only">{t('ai.compose.suggestion', { number })}</p>
      {text === current && <p className="text-sm text-muted">{t('ai.compose.same')}</p>}
      <p className="whitespace-pre-wrap wrap-anywhere">{text}</p>
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
        {networks.length > 0 ? (
          <Counters text={text} networks={networks} />
        ) : (
          <Length length={[...text].length} max={maxLength} />
        )}
        {text !== current && (
          <Button
            size="small"
            variant="primary"
            aria-label={t('ai.compose.take.of', { number })}
            onPress={() => onTake(text)}
          >
            {t('ai.compose.take')}
          </Button>
        )}
      </div>
    </li>
  )
}

/** Of an alt text, or of a text for no channel yet. */
function Length({ length, max }: { length: number; max: number | undefined }): ReactNode {
  if (max === undefined) return <span />
  return (
    <p className={cx('text-sm tabular-nums', length > max ? 'font-medium text-danger' : 'text-muted')}>
      {t('ai.compose.length', { length, max })}{' '}
      {length > max && t('ai.compose.over', { count: length - max })}
    </p>
  )
}
