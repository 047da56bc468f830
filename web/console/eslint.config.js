import js from '@eslint/js'
import vue from 'eslint-plugin-vue'
import typescript from 'typescript-eslint'

export default typescript.config(
  { ignores: ['dist/', 'e2e/results/', 'src/api/schema.d.ts'] },
  js.configs.recommended,
  typescript.configs.strict,
  vue.configs['flat/recommended'],
  {
    languageOptions: { parserOptions: { parser: typescript.parser, extraFileExtensions: ['.vue'] } },
    rules: {
      'no-undef': 'off', // the compiler knows
      'no-console': 'error',
      'no-eval': 'error',
      complexity: ['error', 12],
      'max-lines': ['error', 400],
      'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
      // Everything but the theme stays out of the browser's storage; src/frame/theme.ts says so for itself.
      'no-restricted-globals': ['error', 'localStorage', 'sessionStorage', 'indexedDB', 'caches'],
      'no-restricted-properties': [
        'error',
        ...['localStorage', 'sessionStorage', 'indexedDB'].map((property) => ({ object: 'window', property })),
        { object: 'document', property: 'cookie' },
      ],
      'vue/no-v-html': 'error',
      'vue/multi-word-component-names': 'off',
      'vue/block-lang': ['error', { script: { lang: 'ts' } }],
      'vue/component-api-style': ['error', ['script-setup']],
      'vue/max-attributes-per-line': 'off',
      'vue/singleline-html-element-content-newline': 'off',
      'vue/html-self-closing': ['error', { html: { void: 'never', normal: 'always', component: 'always' } }],
      'vue/first-attribute-linebreak': 'off',
      'vue/html-closing-bracket-newline': ['error', { singleline: 'never', multiline: 'always' }],
      'vue/no-undef-components': ['error', { ignorePatterns: ['^El[A-Z]', '^el-', 'router-view', 'router-link', 'RouterLink', 'RouterView'] }],
    },
  },
  { files: ['e2e/**', '*.{js,mjs,ts}'], rules: { 'max-lines-per-function': 'off', 'no-restricted-globals': 'off', 'no-restricted-properties': 'off', 'no-console': 'off' } },
  { files: ['src/**/*.test.ts'], rules: { 'max-lines-per-function': 'off' } },
)
