/** The picker behind `DateTimeField` and `DateField`, loaded with the first of them. */
import { CalendarDate, parseDate, parseDateTime, toCalendarDateTime } from '@internationalized/date'
import type { ReactNode } from 'react'
import {
  Button,
  Calendar,
  CalendarCell,
  CalendarGrid,
  CalendarGridBody,
  CalendarGridHeader,
  CalendarHeaderCell,
  DateInput,
  DatePicker as AriaDatePicker,
  DateSegment,
  type DateValue,
  Dialog,
  Group,
  CalendarHeading,
  Popover,
} from 'react-aria-components'
import { t } from '../i18n.tsx'
import { cx } from './cx.ts'
import type { DateTimeProps } from './DateTimeField.tsx'
import { FieldFrame, fieldClass } from './Field.tsx'
import { Icon } from './icons.tsx'
import { popoverClass } from './popoverClass.ts'

export type WallTimePickerProps = DateTimeProps & { granularity: 'day' | 'minute' }

export function WallTimePicker({ granularity, value, onChange, ...props }: WallTimePickerProps): ReactNode {
  if (granularity === 'day')
    return (
      <Picker
        {...props}
        granularity="day"
        value={value === null ? null : parseDate(value)}
        onChange={(date) =>
          onChange(date === null ? null : new CalendarDate(date.year, date.month, date.day).toString())
        }
      />
    )
  return (
    <Picker
      {...props}
      granularity="minute"
      value={value === null ? null : parseDateTime(value.slice(0, 16))}
      onChange={(date) => onChange(date === null ? null : toCalendarDateTime(date).toString().slice(0, 16))}
    />
  )
}

type PickerProps = Omit<DateTimeProps, 'value' | 'onChange'> & {
  granularity: 'day' | 'minute'
  value: DateValue | null
  onChange: (date: DateValue | null) => void
}

function Picker({ label, description, isOptional, minDay, granularity, ...props }: PickerProps): ReactNode {
  return (
    <AriaDatePicker
      {...props}
      granularity={granularity}
      hourCycle={24}
      shouldForceLeadingZeros
      {...(minDay === undefined ? {} : { minValue: parseDate(minDay) })}
      className={fieldClass}
    >
      <FieldFrame label={label} description={description} isOptional={isOptional ?? false}>
        <Group className="control flex items-center">
          <DateInput className="flex min-w-0 flex-1 overflow-x-auto px-2.5 py-1.5 whitespace-nowrap">
            {(segment) => (
              <DateSegment
                segment={segment}
                className="rounded-sm px-0.5 tabular-nums caret-transparent outline-none data-focused:bg-accent data-focused:text-on-accent data-placeholder:text-muted data-[focused][data-placeholder]:text-on-accent data-[type=literal]:px-0 data-[type=literal]:text-muted"
              />
            )}
          </DateInput>
          <Button className="grid w-10 place-items-center self-stretch rounded-lg text-muted hover:text-ink pointer-coarse:w-11">
            <Icon name="calendar" size={18} />
          </Button>
        </Group>
      </FieldFrame>
      <Popover className={cx(popoverClass, 'p-4')} offset={6}>
        <Dialog className="outline-none" aria-label={t('ui.calendar')}>
          <MonthCalendar />
        </Dialog>
      </Popover>
    </AriaDatePicker>
  )
}

const turn =
  'grid size-9 place-items-center rounded-lg text-muted hover:bg-sunken hover:text-ink data-disabled:opacity-40 pointer-coarse:size-11'

function MonthCalendar(): ReactNode {
  return (
    <Calendar firstDayOfWeek="mon">
      <header className="mb-2 flex items-center justify-between">
        <Button slot="previous" className={turn}>
          <Icon name="chevronLeft" />
        </Button>
        <CalendarHeading className="text-sm font-semibold" />
        <Button slot="next" className={turn}>
          <Icon name="chevronRight" />
        </Button>
      </header>
      <CalendarGrid>
        <CalendarGridHeader>
          {(day) => (
            <CalendarHeaderCell className="size-9 text-xs font-normal text-muted">{day}</CalendarHeaderCell>
          )}
        </CalendarGridHeader>
        <CalendarGridBody>
          {(date) => (
            <CalendarCell
              date={date}
              className="grid size-9 cursor-default place-items-center rounded-lg text-sm tabular-nums data-disabled:text-muted/60 data-hovered:bg-sunken data-outside-month:hidden data-selected:bg-accent data-selected:text-on-accent data-unavailable:line-through pointer-coarse:size-11"
            />
          )}
        </CalendarGridBody>
      </CalendarGrid>
    </Calendar>
  )
}
