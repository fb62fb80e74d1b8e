/** One of a few choices that are all visible, each with an explanation where it needs one. */
import type { ReactNode } from 'react'
import { Radio, RadioGroup as AriaRadioGroup, type RadioGroupProps } from 'react-aria-components'
import { cx } from './cx.ts'
import { FieldFrame, type FieldTexts, fieldClass } from './Field.tsx'
import type { Choice } from './Select.tsx'

type Props = Omit<RadioGroupProps, 'className' | 'style' | 'children'> &
  FieldTexts & { choices: readonly Choice[] }

export function RadioGroup({ label, description, isOptional, choices, ...props }: Props): ReactNode {
  return (
    <AriaRadioGroup {...props} className={fieldClass}>
      <FieldFrame label={label} description={description} isOptional={isOptional ?? false}>
        <div
          className={cx(
            'flex gap-x-5 gap-y-2 pt-0.5',
            props.orientation === 'horizontal' ? 'flex-wrap' : 'flex-col',
          )}
        >
          {choices.map((choice) => (
            <Radio
              key={choice.id}
              value={choice.id}
              isDisabled={choice.isDisabled ?? false}
              className="group inline-flex items-start gap-2.5 data-disabled:opacity-55 pointer-coarse:min-h-11"
            >
              <span className="mt-0.5 size-5 shrink-0 rounded-full border border-line-strong bg-surface transition-all group-hover:border-muted group-data-focus-visible:outline-2 group-data-focus-visible:outline-offset-2 group-data-focus-visible:outline-focus group-data-selected:border-[6px] group-data-selected:border-accent" />
              <span>
                <span className="block">{choice.text}</span>
                {choice.detail && <span className="block text-sm text-muted">{choice.detail}</span>}
              </span>
            </Radio>
          ))}
        </div>
      </FieldFrame>
    </AriaRadioGroup>
  )
}
