import { existsSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { read, shellBlocks } from './pages.ts'

const decisions = readdirSync('docs/decisions').map((name) => `docs/decisions/${name}`)
const pages = ['README.md', 'README.es.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'docs/architecture.md', 'docs/configuration.md', 'docs/events.md', 'docs/webhooks.md', ...decisions]

describe('the documents', () => {
  it.each(pages)('%s links to what exists', (page) => {
    const targets = [...read(page).matchAll(/\]\(([^)#\s]+)\)/g)].map(([, target = '']) => target).filter((target) => !/^https?:/.test(target))
    expect(targets.filter((target) => !existsSync(join(dirname(page), target)))).toEqual([])
  })

  it.each(pages)('%s points to headings that exist', (page) => {
    const headings = [...read(page).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => heading.toLowerCase().replaceAll(/[^\p{L}\p{N} _-]/gu, '').replaceAll(' ', '-'))
    const anchors = [...read(page).matchAll(/\]\(#([^)]+)\)/g)].map(([, anchor = '']) => anchor)
    expect(anchors.filter((anchor) => !headings.includes(anchor))).toEqual([])
  })

  it.each(['CONTRIBUTING.md', 'docs/architecture.md'])('%s names files and folders that exist', (page) => {
    const paths = [...read(page).matchAll(/`((?:src|plugins|schemas|test|docs|\.ci)\/[\w./-]*)`/g)].map(([, path = '']) => path)
    expect(paths.length).toBeGreaterThan(8)
    expect(paths.filter((path) => !existsSync(path))).toEqual([])
  })

  it('has recipes of at most six steps', () => {
    const recipes = read('CONTRIBUTING.md').split('## Recipes')[1]?.split('\n## ')[0]?.split('\n### ').slice(1) ?? []
    expect(recipes.length).toBeGreaterThanOrEqual(4)
    expect(recipes.filter((recipe) => (recipe.match(/^\d+\. /gm)?.length ?? 0) > 6)).toEqual([])
  })

  it('README.es.md gives the commands of README.md', () => {
    expect(shellBlocks('README.es.md')).toEqual(shellBlocks('README.md'))
  })

  it('npm scripts that the documents name exist', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }
    const named = pages.flatMap((page) => [...read(page).matchAll(/npm run (?:--silent )?([\w:-]+)/g)].map(([, name = '']) => name))
    expect(named.filter((name) => !(name in scripts))).toEqual([])
  })

  it('every decision has its number, a date and the three parts, and none is missing', () => {
    const faulty = decisions.filter((path) => !/^# \d+\. .+\n\nDate: \d{4}-\d\d-\d\d\. Status: \w+\.\n\n## Context\n[\s\S]+\n## Decision\n[\s\S]+\n## Consequence\n/.test(read(path)))
    expect(faulty).toEqual([])
    expect(decisions.toSorted().map((path) => Number(/\/(\d{4})-/.exec(path)?.[1]))).toEqual(decisions.map((_, index) => index + 1))
  })

  it('the changelog knows the version of package.json', () => {
    const { version } = JSON.parse(read('package.json')) as { version: string }
    expect(read('CHANGELOG.md')).toContain(`## [${version}]`)
  })
})
