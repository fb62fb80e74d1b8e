/**
 * A form that shows what the server refused at the fields it is about.
 *
 * A field whose `name` is the path of an issue shows it; everything else stands in a banner at the top. `onSend` gets
 * the form's values by field name.
 */
import { type ReactNode, useEffect, useRef } from 'react'
import { Form as AriaForm } from 'react-aria-components'
import { asProblem, type Problem } from '../problems.ts'
import { cx } from './cx.ts'
import { ProblemBanner } from './ProblemBanner.tsx'

type Props = {
  onSend: (values: Record<string, string>) => void
  /** The error of the mutation. */
  error?: unknown
  /** Names of the fields that can show an issue. */
  fields?: readonly string[]
  children: ReactNode
  className?: string
  id?: string
}

export function Form({ onSend, error, fields = [], children, className, id }: Props): ReactNode {
  const problem = error == null ? null : asProblem(error)
  const { byField, rest } = sortIssues(problem, fields)
  const form = useRef<HTMLFormElement>(null)
  useEffect(() => {
    if (error != null) form.current?.querySelector<HTMLElement>('[aria-invalid=true]')?.focus()
  }, [error])
  return (
    <AriaForm
      ref={form}
      {...(id === undefined ? {} : { id })}
      validationErrors={byField}
      onSubmit={(event) => {
        event.preventDefault()
        const entries = [...new FormData(event.currentTarget)]
        onSend(
          Object.fromEntries(entries.map(([name, value]) => [name, typeof value === 'string' ? value : ''])),
        )
      }}
      className={cx('flex flex-col gap-5', className)}
    >
      {problem && (Object.keys(byField).length === 0 || rest.length > 0) && (
        <ProblemBanner problem={problem} issues={rest} />
      )}
      {children}
    </AriaForm>
  )
}

function sortIssues(problem: Problem | null, fields: readonly string[]) {
  const byField: Record<string, string> = {}
  const rest: Problem['issues'][number][] = []
  for (const issue of problem?.issues ?? []) {
    if (fields.includes(issue.path)) byField[issue.path] = issue.message
    else rest.push(issue)
  }
  return { byField, rest }
}
