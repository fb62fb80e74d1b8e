/** Writing help, where the workspace offers it: nothing of it is loaded or shown elsewhere. */
import { useQuery } from '@tanstack/react-query'
import { lazy, type ReactNode, Suspense } from 'react'
import { api } from '../../api.ts'
import { withLaterTexts } from '../../i18n.tsx'
import type { Network } from './content.ts'

export type HelpProps = {
  /** What the field is called. */
  field: string
  /** What is sent. */
  text: string
  /** What stands in the field, and is replaced by what is taken. */
  current: string
  /** An alt text is made of the post's text. */
  kind: 'text' | 'alt'
  /** Networks whose limits count, and channels that a text is shortened for. */
  networks?: readonly Network[]
  channelIds?: readonly string[]
  /** Of an alt text. */
  maxLength?: number | undefined
  onTake: (text: string) => void
  /** Whether the field shows another text, since it has none of its own; and what makes it do so again. */
  isInherited?: boolean
  onInherit?: (() => void) | undefined
}

const WritingHelp = lazy(async () => {
  const { WritingHelp: component } = await withLaterTexts(import('./WritingHelp.tsx'))
  return { default: component }
})

export function Help(props: HelpProps): ReactNode {
  const { data } = useQuery(api.ai.help.queryOptions({ staleTime: 60_000 }))
  if (data?.isOffered !== true) return null
  return (
    <Suspense>
      <WritingHelp {...props} />
    </Suspense>
  )
}
