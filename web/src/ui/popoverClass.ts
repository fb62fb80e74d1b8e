/** How everything looks that floats above the page: menus, lists of choices, popovers. */
export const popoverClass =
  'rounded-xl bg-raised shadow-high data-entering:animate-[rise_120ms_ease-out] outline-none max-w-[calc(100vw-1.5rem)]'
export const optionClass =
  'flex cursor-default items-center gap-2.5 rounded-lg px-2.5 py-2 text-sm outline-none select-none data-focused:bg-sunken data-hovered:bg-sunken data-disabled:opacity-50 pointer-coarse:min-h-11'
