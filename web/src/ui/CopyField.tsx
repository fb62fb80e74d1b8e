/** A text to be taken along: shown in full, copied with one press. */
import { type ReactNode, useState } from 'react'
import { t } from '../i18n.tsx'
import { Button } from './Button.tsx'
import { descriptionClass, fieldClass, labelClass } from './Field.tsx'

export function CopyField({
  label,
  value,
  description,
}: {
  label: string
  value: string
  description?: ReactNode
}): ReactNode {
  const [isCopied, setCopied] = useState(false)
  const copy = async () => {
    await copyText(value)
    setCopied(true)
    setTimeout(() => setCopied(false), 2_500)
  }
  return (
    <div className={fieldClass}>
      <span className={labelClass}>{label}</span>
      <div className="flex items-start gap-2 max-sm:flex-col">
        <code
          tabIndex={0}
          className="min-w-0 flex-1 rounded-lg max-sm:w-full bg-sunken px-3 py-2 font-mono text-sm break-all ring-1 ring-line ring-inset select-all"
        >
          {value}
        </code>
        <Button icon={isCopied ? 'check' : 'copy'} onPress={() => void copy()}>
          {isCopied ? t('ui.copied') : t('ui.copy')}
        </Button>
      </div>
      <span role="status" className="sr-only">
        {isCopied ? t('ui.copied') : ''}
      </span>
      {description && <p className={descriptionClass}>{description}</p>}
    </div>
  )
}

/** Over plain http to another machine, browsers offer no clipboard; the old way still works there. */
async function copyText(text: string): Promise<void> {
  if (window.isSecureContext) return navigator.clipboard.writeText(text)
  const area = document.createElement('textarea')
  area.value = text
  document.body.append(area)
  area.select()
  document.execCommand('copy')
  area.remove()
}
