/** What the server refused, with what to do about it, inside a page or form. */
import type { ReactNode } from 'react'
import { t } from '../i18n.tsx'
import type { Problem } from '../problems.ts'
import { Banner } from './Banner.tsx'

type Props = {
  problem: Problem
  action?: ReactNode
  /** Issues that no field of the form shows. */
  issues?: Problem['issues']
}

export function ProblemBanner({ problem, action, issues = [] }: Props): ReactNode {
  return (
    <Banner tone="error" title={problem.title} action={action} isLive>
      {problem.detail && issues.length === 0 && <p>{problem.detail}</p>}
      {problem.remedy && <p>{problem.remedy}</p>}
      {issues.length > 0 && (
        <ul className="mt-1 list-disc pl-4">
          {issues.map((issue) => (
            <li key={issue.path + issue.message}>
              {issue.path}: {issue.message}
            </li>
          ))}
        </ul>
      )}
      {problem.status >= 500 && problem.requestId && (
        <p className="mt-1 text-xs text-muted">{t('ui.requestId', { id: problem.requestId })}</p>
      )}
    </Banner>
  )
}
