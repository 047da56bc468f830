// Puts the page together in dist/: our two files and what they need of Swagger UI, with its licence beside it.
import { cp, mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'

const here = import.meta.dirname
const dist = join(here, 'dist')
const swagger = join(here, 'node_modules', 'swagger-ui-dist')
const needed = ['swagger-ui.css', 'swagger-ui-bundle.js', 'swagger-ui-bundle.js.LICENSE.txt', 'favicon-32x32.png', 'LICENSE', 'NOTICE']

// dist/.gitkeep stays: without it the Go package does not compile on a fresh clone.
async function clear() {
  await mkdir(dist, { recursive: true })
  const old = (await readdir(dist)).filter((name) => name !== '.gitkeep')
  await Promise.all(old.map((name) => rm(join(dist, name), { recursive: true })))
}

await clear()
await Promise.all(needed.map((name) => cp(join(swagger, name), join(dist, name))))
await cp(join(here, 'src'), dist, { recursive: true })
