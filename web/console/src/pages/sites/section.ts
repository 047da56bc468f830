import { OfficeBuilding } from '@element-plus/icons-vue'

import { section } from '@/frame/section'

import { certificates } from './certificates'

export default section({
  routes: [
    { path: '/sites', component: () => import('./Sites.vue'), meta: { title: '宝宝屋', permission: 'look' } },
    { path: '/sites/new', component: () => import('./SiteNew.vue'), meta: { title: '新建宝宝屋', permission: 'furnish' } },
    { path: '/sites/one', component: () => import('./SitePage.vue'), meta: { title: '宝宝屋资料', permission: 'look' } },
    { path: '/sites/edit', component: () => import('./SiteEdit.vue'), meta: { title: '修改宝宝屋资料', permission: 'furnish', oneSite: true } },
  ],
  menu: { title: '宝宝屋', hint: '地址、活动室、照护人员和证书、照片', icon: OfficeBuilding, order: 30, to: '/sites', permission: 'look', waiting: certificates },
})
