import { HomeFilled } from '@element-plus/icons-vue'

import { section } from '@/frame/section'

export default section({
  routes: [
    { path: '/', component: () => import('./Home.vue'), meta: { title: '首页' } },
    { path: '/not-permitted', name: 'not-permitted', component: () => import('./NotPermitted.vue'), meta: { title: '不能打开' } },
  ],
  menu: { title: '首页', hint: '', icon: HomeFilled, order: 0, to: '/' },
})
