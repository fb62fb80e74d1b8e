/** Small choices kept in this browser: language, theme, workspace. Without storage they last until the page is left. */
export type Remembered = 'language' | 'theme' | 'workspace' | 'first-steps'

const fallback = new Map<Remembered, string>()

export function remembered(name: Remembered): string | undefined {
  try {
    return localStorage.getItem(`litfass-${name}`) ?? undefined
  } catch {
    return fallback.get(name)
  }
}

/** Undefined forgets. */
export function remember(name: Remembered, value: string | undefined): void {
  try {
    if (value === undefined) localStorage.removeItem(`litfass-${name}`)
    else localStorage.setItem(`litfass-${name}`, value)
  } catch {
    if (value === undefined) fallback.delete(name)
    else fallback.set(name, value)
  }
}
