/** The blocks of a set-up guide: headings, paragraphs, lists, tables and code. Pure. */

export type Block =
  | { kind: 'heading'; level: number; text: string }
  | { kind: 'list'; isOrdered: boolean; items: string[] }
  | { kind: 'table'; head: string[]; rows: string[][] }
  | { kind: 'code'; text: string }
  | { kind: 'paragraph'; text: string }

const bullet = /^\s*(?:[-*]|\d+\.)\s+/

export function blocksOf(text: string): Block[] {
  const blocks: Block[] = []
  const lines = text.replaceAll('\r', '').split('\n')
  for (let at = 0; at < lines.length;) {
    const line = lines[at] ?? ''
    const take = (holds: (line: string) => boolean) => {
      const from = at
      while (at < lines.length && holds(lines[at] ?? '')) at += 1
      return lines.slice(from, at)
    }
    if (line.trim() === '') at += 1
    else if (line.startsWith('```')) {
      at += 1
      blocks.push({ kind: 'code', text: take((next) => !next.startsWith('```')).join('\n') })
      at += 1
    } else if (/^#{1,6} /.test(line)) {
      blocks.push({ kind: 'heading', level: line.indexOf(' '), text: line.replace(/^#+ /, '') })
      at += 1
    } else if (line.startsWith('|')) {
      const [head = [], , ...rows] = take((next) => next.startsWith('|')).map(cellsOf)
      blocks.push({ kind: 'table', head, rows })
    } else if (bullet.test(line)) {
      const isOrdered = /^\s*\d/.test(line)
      const items: string[] = []
      for (const next of take((candidate) => bullet.test(candidate) || /^\s{2,}\S/.test(candidate))) {
        if (bullet.test(next)) items.push(next.replace(bullet, ''))
        else items.push(`${items.pop() ?? ''} ${next.trim()}`)
      }
      blocks.push({ kind: 'list', isOrdered, items })
    } else {
      // The first line is taken whatever it is: what is no block of its own is text.
      at += 1
      const isText = (next: string) => next.trim() !== '' && !/^(#|\||```)/.test(next) && !bullet.test(next)
      blocks.push({ kind: 'paragraph', text: [line, ...take(isText)].join(' ') })
    }
  }
  return blocks
}

function cellsOf(row: string): string[] {
  return row
    .replace(/^\||\|\s*$/g, '')
    .split('|')
    .map((cell) => cell.trim())
}
