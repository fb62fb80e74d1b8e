/** A time zone by its IANA name, found by typing a city; each shows what time it is there. */
import { lazy, type ReactNode, Suspense, useState } from 'react'
import { language, t } from '../i18n.tsx'
import { FieldPlaceholder } from './Field.tsx'

const ComboBox = lazy(async () => ({ default: (await import('./ComboBox.tsx')).ComboBox }))

type Props = {
  label: string
  description?: ReactNode
  name?: string
  defaultValue: string
  isDisabled?: boolean
}

export function TimeZoneField({ defaultValue, ...props }: Props): ReactNode {
  const [choices] = useState(() =>
    zones(defaultValue).map((id) => ({ id, text: id.replaceAll('_', ' '), detail: clockOf(id) })),
  )
  return (
    <Suspense fallback={<FieldPlaceholder {...props} />}>
      <ComboBox {...props} isRequired defaultValue={defaultValue} choices={choices} />
    </Suspense>
  )
}

/** The zone of this browser. */
export function browserTimeZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC'
}

/** Browsers leave some names out that servers know, among them UTC. */
function zones(chosen: string): string[] {
  return [...new Set(['UTC', chosen, ...Intl.supportedValuesOf('timeZone')])].toSorted()
}

function clockOf(timeZone: string): string {
  try {
    const format = new Intl.DateTimeFormat(language() === 'de' ? 'de-DE' : 'en-GB', {
      timeZone,
      hour: '2-digit',
      minute: '2-digit',
      timeZoneName: 'shortOffset',
    })
    return format.format(new Date())
  } catch {
    return t('ui.zoneUnknown')
  }
}
