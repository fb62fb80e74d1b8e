/** What is wrong with a file of prices. The server's words name the line; they are English. */
import type { ReactNode } from 'react'
import { asProblem } from '../../problems.ts'
import { Banner } from '../../ui/Banner.tsx'

export function WrongLines({ error }: { error: unknown }): ReactNode {
  const { title, remedy, issues } = asProblem(error)
  return (
    <Banner tone="error" title={title} isLive>
      <p>{remedy}</p>
      <ul lang="en" className="mt-1.5 list-disc pl-4">
        {/* A single one is the title in English. */}
        {issues
          .filter(({ message }) => message !== title)
          .map(({ path, message }) => (
            <li key={path + message}>{message}</li>
          ))}
      </ul>
    </Banner>
  )
}
