// After the build: says how much a browser loads, gzipped, before somebody has signed in and sees home, and fails above the limit;
// writes a .gz beside what shrinks by it, which the server hands out as it is.
import { readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'

const limit = 350 * 1024
const dist = join(import.meta.dirname, 'dist')
const manifest = JSON.parse(await readFile(join(dist, 'manifest.json'), 'utf8'))

// What an entry loads at once: its own file, its styles, and what it imports, all the way down.
function loaded(key, seen = new Set()) {
  const chunk = manifest[key]
  if (seen.has(chunk.file)) return seen
  seen.add(chunk.file)
  for (const style of chunk.css ?? []) seen.add(style)
  for (const next of chunk.imports ?? []) loaded(next, seen)
  return seen
}

// index.html, and the pages that open first: signing in and home.
function firstLoad() {
  const files = loaded('index.html')
  for (const page of ['src/pages/home/Home.vue', 'src/pages/entrance/SignIn.vue']) {
    if (!manifest[page]) throw new Error(`${page} is not among what was built; mend first-load.mjs`)
    loaded(page, files)
  }
  return [...files]
}

const gzipped = async (file) => gzipSync(await readFile(join(dist, file)), { level: 9 })
const kilobytes = (bytes) => `${(bytes / 1024).toFixed(1)} KB`

let total = 0
for (const file of firstLoad()) {
  const { length } = await gzipped(file)
  total += length
  console.log(`${kilobytes(length).padStart(10)}  ${file}`)
}
console.log(`${kilobytes(total).padStart(10)}  first load of the console, gzipped (limit ${kilobytes(limit)})`)

for (const file of await readdir(join(dist, 'assets'))) {
  if (!/\.(js|css|svg)$/.test(file)) continue
  await writeFile(join(dist, 'assets', `${file}.gz`), await gzipped(join('assets', file)))
}
await rm(join(dist, 'manifest.json'))
await writeFile(join(dist, '.gitkeep'), '') // vite emptied the folder; without it the Go package does not compile

if (total > limit) {
  console.error('The first load is above the limit: load what is not needed at once by import().')
  process.exit(1)
}
