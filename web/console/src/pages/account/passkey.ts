import { startRegistration } from '@simplewebauthn/browser'

import { beginNewPasskey, completeNewPasskey } from '@/api/entrance'
import { Refusal } from '@/api/refusal'

export const canPasskey = typeof window.PublicKeyCredential === 'function'

// addPasskey asks the device for a new passkey and hands it to the house.
export async function addPasskey(name: string): Promise<void> {
  const { ticket, options } = await beginNewPasskey()
  const credential = await startRegistration({ optionsJSON: options }).catch((thrown: unknown) => {
    const already = thrown instanceof Error && thrown.name === 'InvalidStateError'
    throw new Refusal(0, 'passkey_given_up', already ? '这台设备已经有一把通行密钥了。' : '没有添加通行密钥，可以再试一次。')
  })
  await completeNewPasskey(ticket, credential, name)
}
