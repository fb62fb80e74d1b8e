/** What every field has: a label above it, a description and an error below it. */
import type { ReactNode } from 'react'
import { FieldError, Label, Text, type ValidationResult } from 'react-aria-components'
import { t } from '../i18n.tsx'
import { Icon } from './icons.tsx'

export type FieldTexts = {
  label: string
  /** Stands below the field and is read out with it. */
  description?: ReactNode
  isOptional?: boolean
}

export const fieldClass = 'flex w-full flex-col gap-1.5'
export const labelClass = 'text-sm font-medium text-ink'
export const descriptionClass = 'text-sm text-muted'

export function FieldFrame({
  label,
  description,
  isOptional,
  children,
}: FieldTexts & { children: ReactNode }): ReactNode {
  return (
    <>
      <Label className={labelClass}>
        {label}
        {isOptional && <span className="ml-1.5 font-normal text-muted">{t('ui.optional')}</span>}
      </Label>
      {children}
      <FieldNotes description={description} />
    </>
  )
}

export function FieldNotes({ description }: { description?: ReactNode }): ReactNode {
  return (
    <>
      {description && (
        <Text slot="description" className={descriptionClass}>
          {description}
        </Text>
      )}
      <FieldErrors />
    </>
  )
}

/** The browser's own messages speak the browser's language, so ours replace them. */
export function FieldErrors(): ReactNode {
  return (
    <FieldError className="flex items-start gap-1.5 text-sm text-danger empty:hidden">
      {(validation) => {
        const text = errorText(validation)
        return text === '' ? null : (
          <>
            <span className="mt-0.5">
              <Icon name="error" size={16} />
            </span>
            <span>{text}</span>
          </>
        )
      }}
    </FieldError>
  )
}

/** Empty where the field says elsewhere what is wrong with it. */
function errorText({ validationErrors, validationDetails }: ValidationResult): string {
  const { customError, valueMissing, typeMismatch, tooShort } = validationDetails
  if (customError) return validationErrors.join(' ')
  if (valueMissing) return t('ui.field.missing')
  if (typeMismatch) return t('ui.field.email')
  return tooShort ? t('ui.field.short') : validationErrors.join(' ')
}

/** Keeps the place of a field that is still being loaded. */
export function FieldPlaceholder({
  label,
  description,
  children,
}: FieldTexts & { children?: ReactNode }): ReactNode {
  return (
    <div className={fieldClass} aria-hidden="true">
      <span className={labelClass}>{label}</span>
      <span className="control block px-3 py-2">{children}</span>
      {description && <span className={descriptionClass}>{description}</span>}
    </div>
  )
}
