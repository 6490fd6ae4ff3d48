import {type KeyObject, generateKeyPairSync, randomBytes, sign} from 'node:crypto'

/** A key and its certificate, as PEM. */
export interface Certificate {
  key: string
  cert: string
}

interface Authority extends Certificate {
  name: string
  privateKey: KeyObject
}

export interface CertificateOptions {
  /** Who signs it; itself when absent. */
  issuer?: Authority
  notAfter?: Date
  isAuthority?: boolean
}

const day = 86_400_000

/**
 * Makes a certificate for host names. By hand, because Node can read certificates and not make them, and because one kept in
 * a file would expire some day.
 */
export function makeCertificate(hosts: string[], options: CertificateOptions = {}): Authority {
  const {privateKey, publicKey} = generateKeyPairSync('ec', {namedCurve: 'P-256'})
  const name = hosts[0] ?? 'nobody'
  const {issuer = {name, privateKey}, notAfter = new Date(Date.now() + day), isAuthority = false} = options

  const toBeSigned = sequence(
    tagged(0xa0, integer(Buffer.from([2]))),
    integer(Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    ecdsaWithSha256,
    commonName(issuer.name),
    sequence(time(new Date(Date.now() - 30 * day)), time(notAfter)),
    commonName(name),
    publicKey.export({type: 'spki', format: 'der'}),
    tagged(0xa3, sequence(alternativeNames(hosts), ...(isAuthority ? [authorityMark] : []))),
  )
  const signature = sign('sha256', toBeSigned, issuer.privateKey)
  const der = sequence(toBeSigned, ecdsaWithSha256, bits(signature))
  return {name, privateKey, key: privateKey.export({type: 'pkcs8', format: 'pem'}).toString(), cert: pem(der)}
}

function tagged(tag: number, ...contents: Buffer[]): Buffer {
  const content = Buffer.concat(contents)
  const length =
    content.length < 128
      ? [content.length]
      : content.length < 256
        ? [0x81, content.length]
        : [0x82, content.length >> 8, content.length & 255]
  return Buffer.concat([Buffer.from([tag, ...length]), content])
}

const sequence = (...contents: Buffer[]) => tagged(0x30, ...contents)
const integer = (bytes: Buffer) => tagged(0x02, bytes)
const octets = (content: Buffer) => tagged(0x04, content)
const bits = (content: Buffer) => tagged(0x03, Buffer.from([0]), content)
const oid = (hex: string) => tagged(0x06, Buffer.from(hex, 'hex'))
const text = (tag: number, value: string) => tagged(tag, Buffer.from(value))
const time = (date: Date) =>
  text(
    0x17,
    date
      .toISOString()
      .replace(/[-:T]|\.\d+/g, '')
      .slice(2),
  )

const ecdsaWithSha256 = sequence(oid('2a8648ce3d040302'))
const commonName = (name: string) => sequence(tagged(0x31, sequence(oid('550403'), text(0x0c, name))))
const authorityMark = sequence(oid('551d13'), octets(sequence(tagged(0x01, Buffer.from([255])))))

function alternativeNames(hosts: string[]): Buffer {
  return sequence(oid('551d11'), octets(sequence(...hosts.map((host) => text(0x82, host)))))
}

function pem(der: Buffer): string {
  // A line too many, at its end, and OpenSSL reads none of it.
  const lines = der.toString('base64').match(/.{1,64}/g) ?? []
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`
}
