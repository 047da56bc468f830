import { computed, readonly, ref } from 'vue'

import { findMe, type Me } from '@/api/entrance'
import { Refusal } from '@/api/refusal'

import type { Permission } from './permission'

const who = ref<Me>()

// me is who is signed in, as the house said last; undefined while nobody is.
export const me = readonly(who)

export const signedIn = computed(() => who.value !== undefined)

// may tells whether the person's roles allow something somewhere; nothing while a new password is due. The house decides
// again at every request.
export function may(permission?: Permission): boolean {
  if (permission && who.value?.password_due) return false
  return !permission || (who.value?.permissions.includes(permission) ?? false)
}

// recall asks the house who is signed in; false when nobody is.
export async function recall(): Promise<boolean> {
  try {
    who.value = await findMe()
    return true
  } catch (thrown) {
    if (!(thrown instanceof Refusal) || thrown.status !== 401) throw thrown
    who.value = undefined
    return false
  }
}

// forget is for the moment when nobody is signed in any more.
export function forget(): void {
  who.value = undefined
}
