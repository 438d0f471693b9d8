// Builds everything the browser loads into target/site: hashed names, precompressed, and a manifest that the server reads.
//
//   node build.mjs            release: the WebAssembly module optimised for size, brotli and gzip at their best
//   node build.mjs --dev      debug: an unoptimised module, no compression, for a quick edit-reload loop
//   --keep-module             with either: take the module of the last build, when only style or editor changed
//
// In: the crate (feature `hydrate`), style/main.css, src/components/yaml_editor/editor.js, public/.
// Out: target/site/assets/<name>-<hash>.<type> (+ .br, .gz), target/site/public/…, target/site/manifest.json.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import { build } from 'esbuild'

const here = dirname(fileURLToPath(import.meta.url))
const root = join(here, '../..')
const dev = process.argv.includes('--dev')
const keepModule = process.argv.includes('--keep-module')
const work = join(root, 'target/assets')
const site = join(root, 'target/site')
const next = join(work, 'site')

const run = (program, ...args) => execFileSync(program, args, { cwd: root, stdio: 'inherit' })

/** The version of the wasm-bindgen crate in the lock file: the program must be exactly the same. */
function bindgenVersion() {
  const lock = readFileSync(join(root, 'Cargo.lock'), 'utf8')
  return /name = "wasm-bindgen"\nversion = "([^"]+)"/.exec(lock)[1]
}

/** Compiles the crate for the browser with these features and gives the paths of the module and its loader. */
function webAssembly(name, features) {
  const out = join(work, name)
  const built = { module: join(out, `${name}_bg.wasm`), loader: join(out, `${name}.js`) }
  if (keepModule && existsSync(built.module)) return built
  const profile = dev ? 'dev' : 'wasm-release'
  // As a cdylib alone: cargo optimises over crates (`lto`) only where a library is not also built for Rust, a tenth of the size.
  run('cargo', 'rustc', '--lib', '--crate-type', 'cdylib', '--no-default-features', '--features', features, '--target', 'wasm32-unknown-unknown', '--profile', profile)
  const compiled = join(root, 'target/wasm32-unknown-unknown', dev ? 'debug' : profile, 'darkroom.wasm')
  try {
    run('wasm-bindgen', '--target', 'web', '--no-typescript', '--out-name', name, '--out-dir', out, ...(dev ? ['--debug'] : []), compiled)
  } catch (error) {
    if (error.code !== 'ENOENT') throw error
    throw new Error(`wasm-bindgen is missing: cargo install wasm-bindgen-cli --version ${bindgenVersion()}`)
  }
  if (!dev) {
    const enabled = ['bulk-memory', 'nontrapping-float-to-int', 'sign-ext', 'mutable-globals', 'reference-types', 'multivalue']
    run(join(here, 'node_modules/.bin/wasm-opt'), '-Oz', '--converge', ...enabled.map((feature) => `--enable-${feature}`), '--strip-producers', '-o', built.module, built.module)
  }
  return built
}

/** Bundles one entry point, so that snippets and imports become part of a single file with a hashed name. */
async function bundle(entry, outfile) {
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    minify: !dev,
    format: 'esm',
    target: ['es2022', 'chrome123', 'firefox120', 'safari17.5'],
    legalComments: 'none',
    logLevel: 'warning',
    nodePaths: [join(here, 'node_modules')],
  })
  return outfile
}

const manifest = {}

/** Puts a built file under a name with its content's hash, with its compressed variants beside it. */
function publish(name, file) {
  const content = readFileSync(file)
  const hash = createHash('sha256').update(content).digest('hex').slice(0, 12)
  const [stem, type] = [name.slice(0, name.lastIndexOf('.')), name.slice(name.lastIndexOf('.') + 1)]
  const path = `assets/${stem}-${hash}.${type}`
  mkdirSync(join(next, 'assets'), { recursive: true })
  writeFileSync(join(next, path), content)
  manifest[name] = `/${path}`
  return compress(join(next, path))
}

function compress(path) {
  const content = readFileSync(path)
  if (dev || content.length < 1024) return { raw: content.length, br: content.length }
  const br = brotliCompressSync(content, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 24, [constants.BROTLI_PARAM_SIZE_HINT]: content.length },
  })
  writeFileSync(`${path}.br`, br)
  writeFileSync(`${path}.gz`, gzipSync(content, { level: 9 }))
  return { raw: content.length, br: br.length }
}

const started = Date.now()
rmSync(next, { recursive: true, force: true })
mkdirSync(next, { recursive: true })

const sizes = {}
// The module of all pages but Run Details, and that of Run Details, which checks run configurations.
for (const [name, features] of [['darkroom', 'hydrate'], ['launch', 'hydrate,launch']]) {
  const { module, loader } = webAssembly(name, features)
  sizes[`${name}.wasm`] = publish(`${name}.wasm`, module)
  sizes[`${name}.js`] = publish(`${name}.js`, await bundle(loader, join(work, `${name}.bundle.js`)))
}
Object.assign(sizes, {
  'style.css': publish('style.css', await bundle(join(root, 'style/main.css'), join(work, 'style.css'))),
  'editor.js': publish('editor.js', await bundle(join(root, 'src/components/yaml_editor/editor.js'), join(work, 'editor.js'))),
})
cpSync(join(root, 'public'), join(next, 'public'), { recursive: true })
for (const file of readdirSync(join(next, 'public'), { recursive: true })) {
  if (/\.(svg|txt|webmanifest)$/.test(file)) compress(join(next, 'public', file))
}
writeFileSync(join(next, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`)

// The folder itself stays: a running debug server reads from it.
mkdirSync(site, { recursive: true })
for (const entry of readdirSync(site)) rmSync(join(site, entry), { recursive: true, force: true })
for (const entry of readdirSync(next)) renameSync(join(next, entry), join(site, entry))

for (const [name, { raw, br }] of Object.entries(sizes)) {
  console.log(`${name.padEnd(14)} ${String(raw).padStart(9)} bytes ${dev ? '' : `${String(br).padStart(8)} brotli`}`)
}
console.log(`assets built in ${((Date.now() - started) / 1000).toFixed(1)} s`)
