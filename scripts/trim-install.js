// The npm package `node` ships 67 MB of C headers for building native add-ons. Nothing here builds
// any, so they go: it keeps the installed product under 450 MB. Runs as npm's postinstall.
import { readdirSync, rmSync } from 'node:fs'

const holder = new URL('../node_modules/node/node_modules/', import.meta.url)

for (const name of listed(holder)) {
  if (name.startsWith('node-')) {
    rmSync(new URL(`${name}/include`, holder), { recursive: true, force: true })
  }
}

// Of the PDF library only what Node loads: builds for browsers and source maps are half of it.
for (const folder of ['pdfkit/js/', 'fontkit/dist/']) {
  const place = new URL(`../node_modules/${folder}`, import.meta.url)
  for (const name of listed(place)) {
    if (/\.map$|browser|standalone/.test(name)) rmSync(new URL(name, place), { force: true })
  }
}

function listed(folder) {
  try {
    return readdirSync(folder)
  } catch {
    return [] // Another package layout: nothing to trim.
  }
}
