import { User } from '@element-plus/icons-vue'

import { section } from '@/frame/section'

export default section({
  routes: [{ path: '/residents/:id?', component: () => import('./Residents.vue'), meta: { title: '家庭', permission: 'keep' } }],
  menu: { title: '家庭', hint: '家长和孩子的档案、失约记录、书面申请', icon: User, order: 40, to: '/residents', permission: 'keep' },
})
