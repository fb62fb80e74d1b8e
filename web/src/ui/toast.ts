/** A short word that something was done. Errors that need a decision belong into the page, as a `ProblemBanner`. */
import { asProblem } from '../problems.ts'

type ToastOptions = { detail?: string; action?: { text: string; onPress: () => void } }

/** `toast.done(t('ui.saved'))`, `toast.failed(error)`. The library comes with the first toast. */
export const toast = {
  done(text: string, options: ToastOptions = {}): void {
    void show('success', text, options)
  },
  info(text: string, options: ToastOptions = {}): void {
    void show('info', text, options)
  },
  failed(cause: unknown): void {
    const problem = asProblem(cause)
    void show('error', problem.title, problem.remedy ? { detail: problem.remedy } : {})
  },
}

async function show(
  kind: 'success' | 'info' | 'error',
  text: string,
  { detail, action }: ToastOptions,
): Promise<void> {
  const { sonner } = await import('./Toaster.tsx')
  sonner[kind](text, {
    ...(detail === undefined ? {} : { description: detail }),
    ...(action === undefined ? {} : { action: { label: action.text, onClick: action.onPress } }),
    duration: kind === 'error' ? 10_000 : 5_000,
  })
}
