// Signing in and one's own account: the document's operations under the names that pages use. What the browser's own
// options for passkeys look like the document leaves open; their types are the library's.
import type { PublicKeyCredentialCreationOptionsJSON, PublicKeyCredentialRequestOptionsJSON } from '@simplewebauthn/browser'

import { api, ask, type View } from './client'

export type Me = View['StaffMeOutputBody']
export type PasswordRule = View['PasswordView']
export type Device = View['DeviceView']
export type Passkey = View['PasskeyView']

// unwrap takes the library's options out of what the house wraps them in.
function unwrap<T>({ ticket, options }: View['PasskeyOptionsBody']): { ticket: string; options: T } {
  return { ticket, options: ('publicKey' in options ? options['publicKey'] : options) as T }
}

type Credential = View['PasskeyInputBody']['credential']

export const findMe = () => ask(api.GET('/console/api/v1/me'))

export const checkPassword = (login: string, password: string) => ask(api.POST('/console/api/v1/sessions', { body: { login, password } }))

export const giveSecondFactor = (ticket: string, code: string) => ask(api.POST('/console/api/v1/sessions/second-factor', { body: { ticket, code } }))

export const beginPasskey = () => ask(api.POST('/console/api/v1/sessions/passkey', { body: {} })).then(unwrap<PublicKeyCredentialRequestOptionsJSON>)

export const completePasskey = (ticket: string, credential: object) =>
  ask(api.POST('/console/api/v1/sessions/passkey/completion', { body: { ticket, credential: credential as Credential } }))

export const openInvitation = (code: string) => ask(api.POST('/console/api/v1/invitations/opening', { body: { code } }))

export const completeInvitation = (body: View['CompletionInputBody']) => ask(api.POST('/console/api/v1/invitations/completion', { body }))

export const beginNewPasskey = () => ask(api.POST('/console/api/v1/passkeys', { body: {} })).then(unwrap<PublicKeyCredentialCreationOptionsJSON>)

export const completeNewPasskey = (ticket: string, credential: object, name: string) =>
  ask(api.POST('/console/api/v1/passkeys/completion', { body: { ticket, credential: credential as Credential, name } }))

export const listPasskeys = () => ask(api.GET('/console/api/v1/passkeys'))

export const removePasskey = (id: string) => ask(api.DELETE('/console/api/v1/passkeys/{id}', { params: { path: { id } } }))

export const changePassword = (old: string, next: string) => ask(api.PUT('/console/api/v1/me/password', { body: { old, new: next } }))

export const listDevices = () => ask(api.GET('/console/api/v1/sessions'))

export const endDevice = (id: string) => ask(api.DELETE('/console/api/v1/sessions/{id}', { params: { path: { id } } }))

export const signOut = () => ask(api.DELETE('/console/api/v1/sessions/current'))
