/** The wall as a page, and the page of one post. Plain HTML: no script, nothing from elsewhere. */
import type { SandboxResponse } from '#networks/sandbox-kit.ts'
import { escapeHtml } from '#networks/sandbox-kit.ts'
import { htmlPage, type Language, languageOf } from '#networks/sandbox-pages.ts'
import type { Head, Mounted, SandboxHost } from './host.ts'
import { type WallItem, wallItem, wallItems, wallPosts } from './wall.ts'

const perPage = 50

const words = {
  en: {
    title: 'Wall of the simulated networks',
    mark: 'Simulated: nothing leaves this server',
    intro: 'Everything that was published on the simulated networks, newest first.',
    all: 'All networks',
    filter: 'Networks',
    pages: 'More posts',
    empty: 'Nothing has been published here yet.',
    open: 'Open post',
    by: 'by',
    requests: 'Requests that made it',
    figures: 'Audience',
    older: 'Older posts',
    newer: 'Newer posts',
    deleted: 'Deleted',
    noPicture: 'Picture',
    gone: 'This post does not exist.',
    post: 'Post by',
    comments: 'Comments of the account itself',
    signIn: 'Sign in to Litfass to see the wall.',
    toLitfass: 'Go to Litfass',
  },
  de: {
    title: 'Pinnwand der simulierten Netzwerke',
    mark: 'Simuliert: Nichts verlässt diesen Server',
    intro: 'Alles, was in den simulierten Netzwerken veröffentlicht wurde, das Neueste zuerst.',
    all: 'Alle Netzwerke',
    filter: 'Netzwerke',
    pages: 'Weitere Beiträge',
    empty: 'Hier wurde noch nichts veröffentlicht.',
    open: 'Beitrag öffnen',
    by: 'von',
    requests: 'Anfragen, die ihn erzeugt haben',
    figures: 'Publikum',
    older: 'Ältere Beiträge',
    newer: 'Neuere Beiträge',
    deleted: 'Gelöscht',
    noPicture: 'Bild',
    gone: 'Diesen Beitrag gibt es nicht.',
    post: 'Beitrag von',
    comments: 'Kommentare des Kontos selbst',
    signIn: 'Melde dich bei Litfass an, um die Pinnwand zu sehen.',
    toLitfass: 'Zu Litfass',
  },
} as const

const figureNames: Record<Language, Readonly<Record<string, string>>> = {
  en: {
    views: 'Views',
    reach: 'Reach',
    likes: 'Likes',
    comments: 'Comments',
    shares: 'Shares',
    reposts: 'Reposts',
    saves: 'Saves',
    clicks: 'Clicks',
    quotes: 'Quotes',
    bookmarks: 'Bookmarks',
  },
  de: {
    views: 'Aufrufe',
    reach: 'Reichweite',
    likes: 'Gefällt mir',
    comments: 'Kommentare',
    shares: 'Geteilt',
    reposts: 'Reposts',
    saves: 'Gemerkt',
    clicks: 'Klicks',
    quotes: 'Zitiert',
    bookmarks: 'Lesezeichen',
  },
}

/** The wall, 50 posts to a page. */
export function wallPage(host: SandboxHost, head: Pick<Head, 'query' | 'headers'>): SandboxResponse {
  const language = languageOf(head)
  const say = words[language]
  const asked = head.query.get('network') ?? undefined
  const network = asked !== undefined && host.mounts.has(asked) ? asked : undefined
  const page = Math.max(1, Math.floor(Number(head.query.get('page') ?? 1)) || 1)
  const posts = wallPosts(host, network)
  const items = wallItems(host, posts.slice((page - 1) * perPage, page * perPage), '')
  const link = (more: Record<string, string | undefined>) => {
    const given = { lang: head.query.get('lang') ?? undefined, network, ...more }
    const query = new URLSearchParams()
    for (const [name, value] of Object.entries(given)) if (value !== undefined) query.set(name, value)
    return escapeHtml(`/_sandbox/?${query}`)
  }
  const filter = [
    { id: undefined, name: say.all },
    ...[...host.mounts.values()].map((mount) => ({ id: mount.network.id, name: mount.network.name })),
  ].map(
    ({ id, name }) =>
      `<a href="${link({ network: id })}"${id === network ? ' aria-current="page"' : ''}>${escapeHtml(name)}</a>`,
  )
  const newer = page > 1 ? `<a href="${link({ page: String(page - 1) })}">${say.newer}</a>` : ''
  const older =
    posts.length > page * perPage ? `<a href="${link({ page: String(page + 1) })}">${say.older}</a>` : ''
  const turning = newer || older ? `<nav aria-label="${say.pages}">${newer}${older}</nav>` : ''
  const cards = items.map((item) => card(item, language, 'h2')).join('') || `<p>${say.empty}</p>`
  return htmlPage({
    language,
    title: `${say.title} · Litfass`,
    main: `<p class="mark">${say.mark}</p><h1>${say.title}</h1><p>${say.intro}</p>
<nav aria-label="${say.filter}">${filter.join('')}</nav>${cards}${turning}`,
  })
}

/** Who is not signed in is told so in words. */
export function signInPage(head: Pick<Head, 'query' | 'headers'>): SandboxResponse {
  const language = languageOf(head)
  const say = words[language]
  const main = `<h1>${say.title}</h1><p>${say.signIn}</p><p><a href="/">${say.toLitfass}</a></p>`
  return htmlPage({ language, title: `${say.title} · Litfass`, main, status: 401 })
}

/** One post on its own page, at the address the network gave out for it. */
export function postPage(
  mount: Mounted,
  remoteId: string,
  head: Pick<Head, 'query' | 'headers'>,
): SandboxResponse {
  const language = languageOf(head)
  const say = words[language]
  const post = mount.network.post(remoteId)
  if (!post || post.deleted) {
    const main = `<p class="mark">${say.mark}</p><h1>${say.gone}</h1>`
    return htmlPage({ language, title: say.gone, main, status: 404 })
  }
  const item = { ...wallItem(mount, post, ''), requests: [] }
  return htmlPage({
    language,
    title: `${say.post} ${post.channelName} · ${mount.network.name}`,
    main: `<p class="mark">${say.mark}</p>${card(item, language, 'h1')}`,
  })
}

function card(item: WallItem, language: Language, heading: 'h1' | 'h2'): string {
  const say = words[language]
  const who = [item.handle === undefined ? '' : `@${item.handle}`, item.networkName]
    .filter(Boolean)
    .join(' · ')
  const deleted = item.deleted ? ` · <strong>${say.deleted}</strong>` : ''
  return `<article class="card" style="--brand:${escapeHtml(item.color)}"><header><span class="face" aria-hidden="true">${escapeHtml([...item.channelName][0] ?? '')}</span><div>
<${heading}>${escapeHtml(item.channelName)}</${heading}><p class="soft">${escapeHtml(who)} · <time datetime="${item.publishedAt}">${timeOf(item.publishedAt, language)}</time>${deleted}</p></div></header>
${item.text === '' ? '' : `<p class="text">${escapeHtml(item.text)}</p>`}${pictures(item, say.noPicture)}${linkOf(item)}${figures(item, language)}${comments(item, language, heading === 'h2')}
${heading === 'h1' ? '' : foot(item, language)}</article>`
}

function pictures(item: WallItem, noPicture: string): string {
  if (item.images.length === 0) return ''
  const shown = item.images.map(({ altText, url }) =>
    url === undefined
      ? `<p>${noPicture}: ${escapeHtml(altText)}</p>`
      : `<img src="${escapeHtml(url)}" alt="${escapeHtml(altText)}" loading="lazy">`,
  )
  return `<div class="pictures">${shown.join('')}</div>`
}

/** A link that stands in the text already is not repeated. */
function linkOf(item: WallItem): string {
  if (item.link === undefined || item.text.includes(item.link) || !/^https?:\/\//i.test(item.link)) return ''
  return `<p><a href="${escapeHtml(item.link)}" rel="noopener noreferrer nofollow">${escapeHtml(item.link)}</a></p>`
}

function figures(item: WallItem, language: Language): string {
  const names = figureNames[language]
  const rows = Object.entries(item.figures).map(
    ([name, value]) =>
      `<div><dt>${names[name] ?? escapeHtml(name)}</dt><dd>${value.toLocaleString(language)}</dd></div>`,
  )
  return rows.length === 0
    ? ''
    : `<dl class="figures" aria-label="${words[language].figures}">${rows.join('')}</dl>`
}

/** As people see them below the post, each with what made it. */
function comments(item: WallItem, language: Language, showsRequests: boolean): string {
  if (item.comments.length === 0) return ''
  const say = words[language]
  const shown = item.comments.map((comment) => {
    const deleted = comment.deleted ? ` · <strong>${say.deleted}</strong>` : ''
    return `<li><p class="soft">${escapeHtml(item.channelName)} · <time datetime="${comment.publishedAt}">${timeOf(comment.publishedAt, language)}</time>${deleted}</p>
<p class="text">${escapeHtml(comment.text)}</p>${showsRequests ? madeBy(comment.requests, language) : ''}</li>`
  })
  return `<ul class="comments" aria-label="${say.comments}">${shown.join('')}</ul>`
}

function foot(item: WallItem, language: Language): string {
  const say = words[language]
  const who = `<span class="off"> ${say.by} ${escapeHtml(item.channelName)}, ${timeOf(item.publishedAt, language)}</span>`
  const open = item.deleted ? '' : `<a href="${escapeHtml(pathOf(item.url))}">${say.open}${who}</a>`
  return `<div class="foot">${open}${madeBy(item.requests, language)}</div>`
}

function madeBy(requests: WallItem['requests'], language: Language): string {
  if (requests.length === 0) return ''
  const steps = requests.map(
    (step) =>
      `<li><code>${escapeHtml(`${step.method} ${step.path}`)}</code> <span class="soft">${step.status} · ${timeOf(step.at, language)}</span></li>`,
  )
  return `<details><summary>${words[language].requests}</summary><ol>${steps.join('')}</ol></details>`
}

/** Stays on the address the reader came by. */
function pathOf(url: string): string {
  return URL.canParse(url) ? new URL(url).pathname : url
}

function timeOf(instant: string, language: Language): string {
  const format = new Intl.DateTimeFormat(language, {
    dateStyle: 'medium',
    timeStyle: 'medium',
    timeZone: 'UTC',
  })
  return `${format.format(new Date(instant))} UTC`
}
