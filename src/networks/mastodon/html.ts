/** The text of a post out of the HTML an instance makes of it. */

const named: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: '\u00A0',
}

/** Parts of links that are hidden from readers are text here: together they are the whole address. */
export function plainText(html: string): string {
  return html
    .replace(/<br\s*\/?>/gi, '\n')
    .replace(/<\/p>\s*<p[^>]*>/gi, '\n\n')
    .replace(/<[^<>]*>/g, '')
    .replace(/&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|(\w{1,8}));/gi, (whole, hex, decimal, name) => {
      if (name !== undefined) return named[String(name).toLowerCase()] ?? whole
      const point = hex === undefined ? Number(decimal) : Number.parseInt(String(hex), 16)
      return point > 0 && point <= 0x10ffff ? String.fromCodePoint(point) : whole
    })
}

/** One form for a text as it was sent and as it came back: mentions lose their domain, spaces their number. */
export function comparable(text: string): string {
  return text
    .normalize('NFC')
    .replace(/(?<![\p{L}\p{N}_/=])@([a-z0-9_][a-z0-9_.-]*)@[\p{L}\p{N}][\p{L}\p{N}.-]*/giu, '@$1')
    .replace(/\s+/g, ' ')
    .trim()
}
