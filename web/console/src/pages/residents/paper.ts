import { computed, ref } from 'vue'

const shortest = 2

// paper is what is filled in of a written request.
export function paper(hasPhone: () => boolean) {
  const reference = ref('')
  const number = ref('')
  const digits = computed(() => number.value.normalize('NFKC').replace(/^\s*\+86/, '').replace(/[\s-]/g, ''))
  return {
    reference,
    number,
    ready: computed(() => reference.value.trim().length >= shortest && (!hasPhone() || /^1\d{10}$/.test(digits.value))),
    body: () => ({ reference: reference.value.trim(), ...(hasPhone() ? { phone: digits.value } : {}) }),
    clear: () => (reference.value = number.value = ''),
  }
}
