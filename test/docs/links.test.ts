import {existsSync} from 'node:fs'
import {posix} from 'node:path'
import {describe, expect, it} from 'vitest'

import {pages, prose, readPage, root} from './markdown.js'

describe('the docs', () => {
  it.each(pages())('link in %s only to what is in this checkout', (page) => {
    expect(links(page).filter((link) => !isThere(page, link))).toEqual([])
  })
})

function links(page: string): string[] {
  return [...prose(readPage(page)).matchAll(/\]\(([^)]+)\)/g)].map(([, target = '']) => target)
}

function isThere(page: string, link: string): boolean {
  const [path = '', anchor] = link.split('#')
  const target = path === '' ? page : posix.join(posix.dirname(page), path)
  return existsSync(root + target) && (anchor === undefined || anchors(target).includes(anchor))
}

/** The ids that a page's headings get where it is shown. */
function anchors(page: string): string[] {
  return [...prose(readPage(page)).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
}
