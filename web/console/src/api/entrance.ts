// Signing in and one's own account. The document lacks these operations still; once it has them, replace the types by
// View['…'] and askPlainly by ask(api.…), and this file holds only the names.
import type { PublicKeyCredentialCreationOptionsJSON, PublicKeyCredentialRequestOptionsJSON } from '@simplewebauthn/browser'

import type { Permission, Role, Scope } from '../me/permission'
import { askPlainly } from './client'

const v1 = '/console/api/v1'

// PasswordRule is what the house asks of a new password; complexity is how many kinds of characters of four.
export interface PasswordRule {
  min_length: number
  complexity: number
}

export interface Me {
  id: string
  name: string
  login: string
  grants: { role: Role; scope: Scope; scope_id: string }[]
  permissions: Permission[]
  idle_seconds: number
  password_due?: boolean // nothing else is allowed before a new password
  password?: PasswordRule
}

export interface Ticket {
  ticket: string
  second_factors: ('totp' | 'passkey')[]
}

export interface Invitation {
  ticket: string
  kind: 'everything' | 'second_factor' // second_factor: the password stays, and is asked for
  name: string
  login: string
  totp: { secret: string; uri: string }
  password: PasswordRule
}

export interface Device {
  id: string
  device: string
  created_at: string
  current: boolean
}

export interface Passkey {
  id: string
  name: string
  created_at: string
}

interface Challenge<T> {
  ticket: string
  options: T | { publicKey: T } // the library of the house wraps them
}

const unwrap = <T>({ ticket, options }: Challenge<T>): { ticket: string; options: T } => ({
  ticket,
  options: typeof options === 'object' && options !== null && 'publicKey' in options ? options.publicKey : options,
})

export const findMe = () => askPlainly<Me>('GET', `${v1}/me`)

export const checkPassword = (login: string, password: string) =>
  askPlainly<Ticket>('POST', `${v1}/sessions`, { login, password })

export const giveSecondFactor = (ticket: string, code: string) =>
  askPlainly<undefined>('POST', `${v1}/sessions/second-factor`, { ticket, code })

export const beginPasskey = () =>
  askPlainly<Challenge<PublicKeyCredentialRequestOptionsJSON>>('POST', `${v1}/sessions/passkey`, {}).then(unwrap)

export const completePasskey = (ticket: string, credential: unknown) =>
  askPlainly<undefined>('POST', `${v1}/sessions/passkey/completion`, { ticket, credential })

export const openInvitation = (code: string) => askPlainly<Invitation>('POST', `${v1}/invitations/opening`, { code })

export const completeInvitation = (answer: { ticket: string; login: string; password: string; code: string }) =>
  askPlainly<undefined>('POST', `${v1}/invitations/completion`, answer)

export const beginNewPasskey = () =>
  askPlainly<Challenge<PublicKeyCredentialCreationOptionsJSON>>('POST', `${v1}/passkeys`, {}).then(unwrap)

export const completeNewPasskey = (ticket: string, credential: unknown, name: string) =>
  askPlainly<Passkey>('POST', `${v1}/passkeys/completion`, { ticket, credential, name })

export const listPasskeys = () => askPlainly<{ items: Passkey[] }>('GET', `${v1}/passkeys`)

export const removePasskey = (id: string) => askPlainly<undefined>('DELETE', `${v1}/passkeys/${encodeURIComponent(id)}`)

export const changePassword = (old: string, next: string) =>
  askPlainly<undefined>('PUT', `${v1}/me/password`, { old, new: next })

export const listDevices = () => askPlainly<{ items: Device[] }>('GET', `${v1}/sessions`)

export const endDevice = (id: string) => askPlainly<undefined>('DELETE', `${v1}/sessions/${encodeURIComponent(id)}`)

export const signOut = () => askPlainly<undefined>('DELETE', `${v1}/sessions/current`)
