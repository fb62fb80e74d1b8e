/** A password to be chosen, with how strong it is. Length is what makes one strong. */
import { type ReactNode, useState } from 'react'
import { t } from '../i18n.tsx'
import { cx } from './cx.ts'
import { PasswordField } from './TextField.tsx'

/** As the contract demands it. */
const minLength = 10

type Props = { name: string; label: string; defaultValue?: string }

export function NewPasswordField({ defaultValue = '', ...props }: Props): ReactNode {
  const [value, setValue] = useState(defaultValue)
  const strength = strengthOf(value)
  return (
    <div className="flex flex-col gap-2">
      <PasswordField
        {...props}
        value={value}
        onChange={setValue}
        isRequired
        minLength={minLength}
        maxLength={200}
        autoComplete="new-password"
        description={t('ui.password.advice', { minLength })}
      />
      <div className={cx('flex items-center gap-3 text-sm', value === '' && 'invisible')}>
        <span className="flex flex-1 gap-1" aria-hidden="true">
          {[1, 2, 3].map((step) => (
            <span
              key={step}
              className={cx('h-1.5 flex-1 rounded-full', strength >= step ? colours[strength] : 'bg-line')}
            />
          ))}
        </span>
        <span role="status" className="min-w-24 text-right text-muted">
          {value === '' ? '' : t(`ui.password.strength.${strength}`)}
        </span>
      </div>
    </div>
  )
}

const colours = ['bg-line', 'bg-warning', 'bg-accent', 'bg-success'] as const

/** 0 too short, 1 acceptable, 2 good, 3 very good. Repeating few characters counts little. */
export function strengthOf(password: string): 0 | 1 | 2 | 3 {
  if (password.length < minLength) return 0
  const distinct = new Set(password.toLowerCase()).size
  const length = Math.min(password.length, distinct * 2)
  return length >= 20 ? 3 : length >= 14 ? 2 : 1
}
