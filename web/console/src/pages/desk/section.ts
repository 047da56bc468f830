import { Checked } from '@element-plus/icons-vue'

import { section } from '@/frame/section'

export default section({
  routes: [
    { path: '/desk', component: () => import('./Desk.vue'), meta: { title: '值班台', permission: 'keep' } },
    { path: '/desk/booking', component: () => import('./BookFor.vue'), meta: { title: '代为预约', permission: 'keep' } },
  ],
  menu: { title: '值班台', hint: '今天的场次、签到、交接、代为预约', icon: Checked, order: 10, to: '/desk', permission: 'keep' },
})
