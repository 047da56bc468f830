import vue from '@vitejs/plugin-vue'
import { ElementPlusResolver } from 'unplugin-vue-components/resolvers'
import components from 'unplugin-vue-components/vite'
import { defineConfig } from 'vite'

// Where `npm run dev` finds the API: make run in another terminal.
const api = process.env['CONSOLE_API'] ?? 'http://127.0.0.1:8080'

export default defineConfig({
  base: '/console/',
  resolve: { alias: { '@': new URL('src', import.meta.url).pathname } },
  plugins: [
    vue(),
    // Element Plus by the element used, with its styles. Our own pieces are imported by name.
    components({ dirs: [], dts: false, resolvers: [ElementPlusResolver({ importStyle: 'css' })] }),
  ],
  build: {
    target: ['chrome111', 'edge111', 'firefox115', 'safari16.4'],
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    manifest: 'manifest.json', // read by first-load.mjs, which removes it
    chunkSizeWarningLimit: 700,
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: 'vue', test: /node_modules\/(@vue|vue|vue-router)\// },
            { name: 'charts', test: /node_modules\/(echarts|zrender)\// },
          ],
        },
      },
    },
  },
  server: { proxy: { '/api': api, '/console/api': api, '/livez': api } },
})
