/** What goes out of a post's text and link: counted, priced, shown and sent in this one form. */
import { linksIn } from './text.ts'

/** `text`: a link always stands in the text. `card`: it is a card of its own, except beside images. */
export type LinkPlacement = 'text' | 'card'

export type Composed = { text: string; link?: string }

/** A link that the text has already is not written a second time. */
export function composed(
  post: { text: string; link?: string | undefined; images: readonly unknown[] },
  placement: LinkPlacement,
): Composed {
  const { text, link, images } = post
  if (link === undefined) return { text }
  if (placement === 'card' && images.length === 0) return { text, link }
  if (stands(link, text)) return { text }
  return { text: text === '' ? link : `${text}\n\n${link}` }
}

/** As a link of its own: `example.org/a` does not stand in a text with `example.org/ab`. */
function stands(link: string, text: string): boolean {
  const [wanted] = linksIn(link)
  return wanted === undefined ? text.includes(link) : linksIn(text).includes(wanted)
}
