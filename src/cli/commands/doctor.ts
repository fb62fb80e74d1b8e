/** `doctor`: looks over an installation without changing it, and says what to do about what is wrong. */
import type { Command } from 'commander'
import { oneLine, type Output, print, state, table } from '../print.ts'

export function doctorCommand(program: Command): void {
  program
    .command('doctor')
    .description('Check this installation; exit 1 if anything fails')
    .action(async (options: Output) => {
      const { examine } = await import('../doctor/examine.ts')
      const items = await examine(process.env)
      print({ items }, options, () =>
        table(
          ['', 'Check', 'Finding'],
          items.map((item) => [
            state(item.state),
            item.name,
            oneLine(item.remedy === undefined ? item.message : `${item.message}. ${item.remedy}`, 300),
          ]),
          '',
        ),
      )
      if (items.some((item) => item.state === 'fail')) process.exitCode = 1
    })
}
