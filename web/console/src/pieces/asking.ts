import { getCurrentScope, onScopeDispose, readonly, type Ref, ref, shallowRef } from 'vue'

import { asRefusal, type Refusal } from '@/api/refusal'

// asking reads one thing for a page: what it is, whether it is still on its way, and why not.
//
//   const day = asking(() => ask(api.GET('…', { params })))
//   onMounted(day.load)
//
// What takes long to answer is given up when another question is asked or the page is left: hand the signal on.
export function asking<T>(read: (signal: AbortSignal) => Promise<T>) {
  const answer = shallowRef<T>()
  const busy = ref(false)
  const refusal = shallowRef<Refusal>()
  let latest = 0
  let given = new AbortController()
  function giveUp(): void {
    latest++
    given.abort()
  }
  if (getCurrentScope()) onScopeDispose(giveUp)
  async function load(): Promise<void> {
    giveUp()
    given = new AbortController()
    const mine = latest // an answer that comes after a later question is not shown
    busy.value = true
    refusal.value = undefined
    try {
      const got = await read(given.signal)
      if (mine === latest) answer.value = got
    } catch (thrown) {
      if (mine === latest) refusal.value = asRefusal(thrown)
    } finally {
      if (mine === latest) busy.value = false
    }
  }
  return { answer: answer as Readonly<Ref<T | undefined>>, busy: readonly(busy), refusal, load }
}

// doing sends one change for a page: busy while it runs, refused when it was not done. True when it was.
//
//   const saving = doing()
//   if (await saving.run(() => ask(api.PUT('…', { body: form })))) tell.done('已保存')
export function doing() {
  const busy = ref(false)
  const refusal = shallowRef<Refusal>()
  async function run(change: () => Promise<unknown>): Promise<boolean> {
    if (busy.value) return false // a second click is not a second change
    busy.value = true
    refusal.value = undefined
    try {
      await change()
      return true
    } catch (thrown) {
      refusal.value = asRefusal(thrown)
      return false
    } finally {
      busy.value = false
    }
  }
  return { busy: readonly(busy), refusal, run }
}
