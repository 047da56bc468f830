import { Tickets } from '@element-plus/icons-vue'

import { section } from '@/frame/section'

export default section({
  routes: [
    { path: '/policies', component: () => import('./Policies.vue'), meta: { title: '服务与规则', permission: 'look' } },
    { path: '/policies/:id', component: () => import('./Policy.vue'), meta: { title: '规则', permission: 'look' } },
  ],
  menu: { title: '服务与规则', hint: '服务项目，预约、取消、失约和免费次数的规则', icon: Tickets, order: 35, to: '/policies', permission: 'look' },
})
