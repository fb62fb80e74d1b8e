/** The files of a network's folder that people see: its logo, and how an operator registers the app. */
import { readFile } from 'node:fs/promises'

const fileOf = (id: string, name: string) => readFile(new URL(`./${id}/${name}`, import.meta.url), 'utf8')

/** `id` must be a network's: it becomes part of a path. */
export const logoOf = (id: string): Promise<string> => fileOf(id, 'logo.svg')

/** Markdown. The redirect address stands in it as `redirectPlaceholder`. */
export const setupGuideOf = (id: string): Promise<string> => fileOf(id, 'SETUP.md')

export const redirectPlaceholder = 'https://<your host>/api/v1/connections/callback'
/** How guides write the address below which an installation is called when people leave. */
export const callbacksPlaceholder = 'https://<your host>/api/v1/network-callbacks/'
