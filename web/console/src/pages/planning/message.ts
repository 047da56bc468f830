import { span } from '@/time/time'

// What families get when a session is called off, as service/booking/told.go writes it; message.test.ts compares.
const booked = '很抱歉，%s的时段由宝宝屋取消，原因：%s。不计失约。'
const returned = '免费次数已退回。'
const waited = '很抱歉，您候补的%s的时段由宝宝屋取消，原因：%s。'

const applied = '很抱歉，%s的时段不再摇号，原因：%s。'

export const texts = [booked, returned, waited]
export const drawTexts = [applied] // of service/booking/draw_told.go

interface When {
  start_at: string
  end_at: string
}

const fill = (text: string, ...words: string[]) => words.reduce((t, w) => t.replace('%s', () => w), text)
const when = (at?: When) => (at ? span(at.start_at, at.end_at) : '（各场次的时间）')

// toBooked is the message to who has a booking; the last sentence only where the booking took one of the free places.
export const toBooked = (reason: string, at?: When) => fill(booked, when(at), reason || '（理由）') + `（用了免费次数的，另有一句：${returned}）`

export const toWaiting = (reason: string, at?: When) => fill(waited, when(at), reason || '（理由）')

export const toApplied = (reason: string, at?: When) => fill(applied, when(at), reason || '（理由）')
