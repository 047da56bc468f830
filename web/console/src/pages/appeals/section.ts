import { ChatLineSquare } from '@element-plus/icons-vue'

import { section } from '@/frame/section'

import { openAppeals } from './open'

export default section({
  routes: [{ path: '/appeals', component: () => import('./Appeals.vue'), meta: { title: '申诉', permission: 'judge' } }],
  menu: { title: '申诉', hint: '家长对失约记录的申诉', icon: ChatLineSquare, order: 15, to: '/appeals', permission: 'judge', waiting: openAppeals },
})
