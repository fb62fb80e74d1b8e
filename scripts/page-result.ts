/** Where a command keeps its last result on a page of the docs: between two marks. */
import { readFileSync, writeFileSync } from 'node:fs'

/** `name` is that of the marks, for example `result` for `<!-- result -->`. Throws where the page lacks them. */
export function writeInto(file: string, text: string, name = 'result'): void {
  const [begin, end] = [`<!-- ${name} -->`, `<!-- end of ${name} -->`]
  const before = readFileSync(file, 'utf8')
  const [head, tail] = [before.split(begin)[0], before.split(end)[1]]
  if (head === undefined || tail === undefined) throw new Error(`${file} lacks the marks ${begin} and ${end}`)
  writeFileSync(file, `${head}${begin}\n${text}\n${end}${tail}`)
}
