import { section } from '@/frame/section'

// One's own account; the menu at the top right leads here.
export default section({
  routes: [
    { path: '/account/devices', component: () => import('./Devices.vue'), meta: { title: '登录设备' } },
    { path: '/account/password', component: () => import('./Password.vue'), meta: { title: '修改密码' } },
    { path: '/account/passkeys', component: () => import('./Passkeys.vue'), meta: { title: '通行密钥' } },
  ],
})
