// Bundles the front end with esbuild. Called by scripts/build_frontend.py with the output folder as its argument.
import { copyFile, mkdir, readFile, readdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';

const here = import.meta.dirname;
const out = process.argv[2];
if (!out) throw new Error('usage: node build.mjs OUTPUT_FOLDER');

/**
 * `import 'jieban:icons.css'` becomes one rule per file in src/icons: a mask, so the icon takes the colour of its text.
 * Tabler's icon font holds 5,000 icons in 800 KB; the pages use about a hundred.
 */
const icons = {
  name: 'icons',
  setup(builder) {
    builder.onResolve({ filter: /^jieban:icons\.css$/ }, () => ({ path: 'icons.css', namespace: 'icons' }));
    builder.onLoad({ filter: /.*/, namespace: 'icons' }, async () => {
      const folder = join(here, 'src/icons');
      const rules = [];
      for (const file of (await readdir(folder)).filter((name) => name.endsWith('.svg')).sort()) {
        const svg = (await readFile(join(folder, file), 'utf8')).trim();
        const url = `data:image/svg+xml,${encodeURIComponent(svg)}`;
        rules.push(`.ti-${file.slice(0, -4)}{--ti:url("${url}")}`);
      }
      return { contents: rules.join('\n'), loader: 'css' };
    });
  },
};

await mkdir(out, { recursive: true });
const { metafile } = await build({
  absWorkingDir: here,
  entryPoints: {
    app: 'src/app/index.js',
    viewer: 'src/viewer/index.js',
    modeler: 'src/modeler/index.js',
    vendor: 'src/vendor.css',
    'app-style': 'src/app.css',
    'modeler-style': 'src/modeler/modeler.css',
  },
  outdir: out,
  entryNames: '[name]',
  bundle: true,
  minify: true,
  format: 'iife',
  charset: 'utf8',
  legalComments: 'none', // the licence texts are in LICENSES.md, which is shipped beside the bundles
  target: ['chrome80'], // office browsers are old; lower what esbuild can lower
  loader: { '.woff2': 'dataurl', '.svg': 'dataurl' },
  plugins: [icons],
  metafile: true,
  logLevel: 'warning',
});

// esbuild names one entry after one name; the pages expect app.css beside app.js.
await rename(join(out, 'app-style.css'), join(out, 'app.css'));
await rename(join(out, 'modeler-style.css'), join(out, 'modeler.css'));
const licences = await readFile(join(here, 'LICENSES.md'), 'utf8');
const packages = new Set(
  Object.keys(metafile.inputs).flatMap((path) => path.match(/node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*node_modules)/)?.[1] ?? []),
);
for (const name of packages) {
  const { version } = JSON.parse(await readFile(join(here, 'node_modules', name, 'package.json'), 'utf8'));
  if (!licences.includes(`## ${name} ${version} `)) throw new Error(`LICENSES.md lacks ${name} ${version}`);
}
await copyFile(join(here, 'LICENSES.md'), join(out, 'LICENSES.md'));
await writeFile(join(out, 'README.txt'), 'Built by scripts/build_frontend.py from web/frontend; do not edit.\n');
