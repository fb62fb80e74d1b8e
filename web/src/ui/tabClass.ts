/** How a tab looks, be it a tab or a link to a page. */
export const tabClass =
  'inline-flex cursor-pointer items-center gap-2 border-b-2 border-transparent px-0.5 pt-1 pb-2.5 text-sm font-medium whitespace-nowrap text-muted transition-colors hover:text-ink data-selected:border-accent data-selected:text-ink aria-[current=page]:border-accent aria-[current=page]:text-ink pointer-coarse:min-h-11'
