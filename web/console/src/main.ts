import 'element-plus/theme-chalk/base.css'
import 'element-plus/theme-chalk/dark/css-vars.css'
import './theme.css'

import { createApp } from 'vue'

import App from './App.vue'
import { showTheme } from './frame/theme'
import { router } from './router'

showTheme()
createApp(App).use(router).mount('#console')
