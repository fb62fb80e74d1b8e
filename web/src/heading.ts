/**
 * The heading of a page: it names the browser's tab, and takes the focus after a navigation, so that a screen reader
 * says where one is.
 *
 * A page may be shown long after the address changed, when what it needs has come; so the wish waits for the heading.
 * Between tabs that share a heading nothing moves.
 */
import { type RefObject, useEffect, useRef } from 'react'
import { useTitle } from './title.ts'

let isFocusWanted = false

/** To be called when the address changes to another page. */
export function expectHeading(): void {
  isFocusWanted = true
}

/** For the `ref` of the page's `h1`, which needs `tabIndex={-1}`. */
export function useHeading(title: string): RefObject<HTMLHeadingElement | null> {
  const heading = useRef<HTMLHeadingElement>(null)
  useTitle(title)
  useEffect(() => {
    if (!isFocusWanted) return
    isFocusWanted = false
    heading.current?.focus({ preventScroll: true })
  }, [])
  return heading
}
