/**
 * A day and a time of day on the clock of a place: wall time, not an instant.
 *
 * Values are ISO strings without offset (`2026-12-01T09:30`), as the API takes them for `at`. The picker is large, so
 * it comes after the page; its place is kept meanwhile.
 */
import { lazy, type ReactNode, Suspense } from 'react'
import { FieldPlaceholder, type FieldTexts } from './Field.tsx'

const WallTimePicker = lazy(async () => ({ default: (await import('./WallTimePicker.tsx')).WallTimePicker }))

export type DateTimeProps = FieldTexts & {
  value: string | null
  onChange: (value: string | null) => void
  /** Days before this one (`2026-12-01`) cannot be picked. */
  minDay?: string
  name?: string
  isRequired?: boolean
  isDisabled?: boolean
  isInvalid?: boolean
}

/** Day and time. */
export function DateTimeField(props: DateTimeProps): ReactNode {
  return (
    <Suspense fallback={<FieldPlaceholder {...props} />}>
      <WallTimePicker {...props} granularity="minute" />
    </Suspense>
  )
}

/** A day (`2026-12-01`). */
export function DateField(props: DateTimeProps): ReactNode {
  return (
    <Suspense fallback={<FieldPlaceholder {...props} />}>
      <WallTimePicker {...props} granularity="day" />
    </Suspense>
  )
}
