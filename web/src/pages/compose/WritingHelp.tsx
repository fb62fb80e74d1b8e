/**
 * Asks a model about a text, and shows what it suggests below it. The text stays as it is until somebody takes a
 * suggestion, and what was taken can be undone.
 */
import { type ReactNode, useEffect, useRef, useState } from 'react'
import { type Client, client } from '../../api.ts'
import { t } from '../../i18n.tsx'
import { asProblem, type Problem } from '../../problems.ts'
import { Button } from '../../ui/Button.tsx'
import { IconButton } from '../../ui/IconButton.tsx'
import { Menu, MenuItem, MenuSeparator } from '../../ui/Menu.tsx'
import { ProblemBanner } from '../../ui/ProblemBanner.tsx'
import type { HelpProps } from './Help.tsx'
import { countFor, strictest } from './limits.ts'
import { Suggestions } from './Suggestions.tsx'

type Question = Pick<Parameters<Client['ai']['suggest']>[0], 'action' | 'language'>

type State =
  | { kind: 'idle'; said: string }
  | { kind: 'asking' }
  | { kind: 'failed'; problem: Problem; question: Question }
  /** `of`: the text that was asked about; `over`: what stood in the field then. */
  | { kind: 'ready'; suggestions: readonly string[]; of: string; over: string }
  | { kind: 'taken'; text: string; undo: { to: string } | 'inherit' }

const idle: State = { kind: 'idle', said: '' }

export function WritingHelp(props: HelpProps): ReactNode {
  const { field, text, current, kind, channelIds = [], isInherited = false, onTake, onInherit } = props
  const [state, setState] = useState<State>(idle)
  const root = useRef<HTMLDivElement>(null)
  const running = useRef<AbortController>(undefined)
  useEffect(() => () => running.current?.abort(), [])

  const ask = async (question: Question) => {
    running.current?.abort()
    const controller = new AbortController()
    running.current = controller
    setState({ kind: 'asking' })
    try {
      const input = {
        ...question,
        text,
        ...(question.action === 'shorten' ? { channelIds: [...channelIds] } : {}),
      }
      const { suggestions } = await client.ai.suggest(input, { signal: controller.signal })
      if (!controller.signal.aborted) setState({ kind: 'ready', suggestions, of: text, over: current })
    } catch (cause) {
      if (!controller.signal.aborted) setState({ kind: 'failed', problem: asProblem(cause), question })
    }
  }
  /** What had the focus goes away. */
  const close = (said: string) => {
    running.current?.abort()
    setState({ kind: 'idle', said })
    root.current?.querySelector<HTMLElement>('[data-does=help]')?.focus()
  }
  const take = (chosen: string) => {
    setState({ kind: 'taken', text: chosen, undo: isInherited ? 'inherit' : { to: current } })
    onTake(chosen)
  }
  const undo = (back: Extract<State, { kind: 'taken' }>['undo']) => {
    if (back === 'inherit') onInherit?.()
    else onTake(back.to)
    close(t('ai.compose.undone'))
  }
  return (
    <div ref={root} className="flex flex-col gap-3">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <Questions {...props} isDisabled={text.trim() === ''} onAsk={(question) => void ask(question)} />
        <p role="status" className="text-sm text-muted">
          {saidOf(state)}
        </p>
      </div>
      {state.kind !== 'idle' && (
        <section
          aria-label={t('ai.compose.of', { field })}
          className="flex flex-col gap-3 rounded-lg border border-line bg-sunken/60 p-3"
        >
          {state.kind === 'asking' && (
            <div className="flex flex-wrap items-center justify-between gap-3">
              <p className="text-sm text-muted">
                {t(kind === 'alt' ? 'ai.compose.sentPost' : 'ai.compose.sent')}
              </p>
              <Button size="small" onPress={() => close(t('ai.compose.cancelled'))}>
                {t('ui.cancel')}
              </Button>
            </div>
          )}
          {state.kind === 'failed' && (
            <ProblemBanner
              problem={state.problem}
              action={
                <>
                  <Button size="small" onPress={() => void ask(state.question)}>
                    {t('ui.tryAgain')}
                  </Button>
                  <IconButton
                    icon="close"
                    size="small"
                    label={t('ai.compose.close')}
                    onPress={() => close('')}
                  />
                </>
              }
            />
          )}
          {state.kind === 'ready' && (
            <Suggestions
              {...props}
              suggestions={state.suggestions}
              hasChanged={state.of !== text || state.over !== current}
              onTake={take}
              onDiscard={() => close('')}
            />
          )}
          {state.kind === 'taken' && (
            <div className="flex flex-wrap gap-2">
              {/* What was written since must not be lost by it. */}
              {current === state.text && (
                <Button size="small" icon="undo" autoFocus onPress={() => undo(state.undo)}>
                  {t('ai.compose.undo')}
                </Button>
              )}
              <Button size="small" variant="quiet" onPress={() => close('')}>
                {t('ai.compose.close')}
              </Button>
            </div>
          )}
        </section>
      )}
    </div>
  )
}

function saidOf(state: State): string {
  if (state.kind === 'asking') return t('ai.compose.asking')
  if (state.kind === 'ready') return t('ai.compose.ready', { count: state.suggestions.length })
  if (state.kind === 'taken') return t('ai.compose.taken')
  return state.kind === 'idle' ? state.said : ''
}

type QuestionsProps = HelpProps & { isDisabled: boolean; onAsk: (question: Question) => void }

function Questions({ field, text, kind, networks = [], isDisabled, onAsk }: QuestionsProps): ReactNode {
  const item = (question: Question, label: string) => (
    <MenuItem id={label} onAction={() => onAsk(question)}>
      {label}
    </MenuItem>
  )
  const trigger = (
    <Button
      variant="quiet"
      size="small"
      icon="pencil"
      data-does="help"
      aria-label={t('ai.compose.of', { field })}
      isDisabled={isDisabled}
    >
      {t('ai.compose.open')}
    </Button>
  )
  if (kind === 'alt')
    return (
      <Menu trigger={trigger} placement="bottom start">
        {item({ action: 'alt-text' }, t('ai.compose.alt-text'))}
      </Menu>
    )
  const tightest = strictest(text, networks)
  const { left, maxLength: max } = tightest ? countFor(text, tightest) : { left: 0, maxLength: 0 }
  return (
    <Menu trigger={trigger} placement="bottom start">
      {item({ action: 'shorten' }, left >= 0 ? t('ai.compose.shorten') : t('ai.compose.shorten.to', { max }))}
      {item({ action: 'rephrase' }, t('ai.compose.rephrase'))}
      {item({ action: 'correct' }, t('ai.compose.correct'))}
      {item({ action: 'alternatives' }, t('ai.compose.alternatives'))}
      <MenuSeparator />
      {item({ action: 'translate', language: 'en' }, t('ai.compose.translate.en'))}
      {item({ action: 'translate', language: 'de' }, t('ai.compose.translate.de'))}
    </Menu>
  )
}
