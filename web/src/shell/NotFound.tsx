/** An address without a page. */
import type { ReactNode } from 'react'
import { t } from '../i18n.tsx'
import { useHeading } from '../heading.ts'
import { EmptyState } from '../ui/EmptyState.tsx'
import { ButtonLink } from '../ui/Link.tsx'

export function NotFound(): ReactNode {
  const heading = useHeading(t('shell.notFound.title'))
  return (
    <main className="mx-auto max-w-xl px-4 py-16">
      <h1 ref={heading} tabIndex={-1} className="sr-only">
        {t('shell.notFound.title')}
      </h1>
      <EmptyState
        icon="search"
        title={t('shell.notFound.title')}
        action={
          <ButtonLink to="/" variant="primary">
            {t('shell.notFound.home')}
          </ButtonLink>
        }
      >
        {t('shell.notFound.text')}
      </EmptyState>
    </main>
  )
}
