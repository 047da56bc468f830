import { MagicStick } from '@element-plus/icons-vue'

import { section } from '@/frame/section'

export default section({
  routes: [
    { path: '/draws', component: () => import('./Draws.vue'), meta: { title: '摇号', permission: 'look' } },
    { path: '/draws/:id', component: () => import('./Draw.vue'), meta: { title: '一场摇号', permission: 'look' } },
  ],
  menu: { title: '摇号', hint: '报名、公布随机数来源、结果和核对', icon: MagicStick, order: 25, to: '/draws', permission: 'look' },
})
