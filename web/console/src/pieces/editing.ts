import { type Ref, ref, shallowRef } from 'vue'

import { Refusal } from '@/api/refusal'

import { type Change, merge, same } from './merging'

// copyOf is a copy of a form's plain content, whatever watches it.
const copyOf = <T>(x: T): T => JSON.parse(JSON.stringify(x)) as T

// editing holds a form over a record that is changed under a version. Whoever saves what another has changed meanwhile
// keeps what was typed, sees what differs, and may save again on the newest version.
//
//   const edit = editing({ formOf, reread: () => ask(api.GET(…)), save: (form, version) => ask(api.PUT(…)) })
//   edit.begin(record)
//   <FormDialog :act="edit.act">… <ChangedNote :edit="edit" :names="{ phone: '电话' }" />
export function editing<F extends object, R extends { version: number }>(how: {
  formOf: (record: R) => F
  reread: () => Promise<R>
  save: (form: F, version: number) => Promise<unknown>
}) {
  const form = ref() as Ref<F>
  const changes = shallowRef<Change<F>[]>([])
  let base: F
  let version = 0

  function begin(record: R) {
    base = how.formOf(record)
    form.value = copyOf(base)
    version = record.version
    changes.value = []
  }

  async function act() {
    try {
      await how.save(form.value, version)
    } catch (thrown) {
      if (!(thrown instanceof Refusal) || thrown.code !== 'changed_meanwhile') throw thrown
      const newest = await how.reread()
      const merged = merge(base, form.value, how.formOf(newest))
      base = how.formOf(newest)
      version = newest.version
      form.value = copyOf(merged.form)
      changes.value = merged.changes
      if (same(merged.form, base)) return // all that was typed is there already: an answer was lost on its way
      throw new Refusal(409, thrown.code, '您打开之后，别人已经改过。您填写的都还在；看过不同之处，再保存一次。', thrown.requestId)
    }
  }

  // takeTheirs gives up what I typed in one field.
  function takeTheirs(change: Change<F>) {
    form.value = { ...form.value, [change.field]: copyOf(change.theirs) }
    changes.value = changes.value.map((c) => (c === change ? { ...c, both: false } : c))
  }

  return { form, changes: changes as Readonly<Ref<readonly Change<F>[]>>, begin, act, takeTheirs, touched: () => !same(form.value, base) }
}
