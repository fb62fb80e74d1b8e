/** Wrong use of the command line: exit code 2, the usage, and a hint. Nothing is sent. */
import { describe, expect, it } from 'vitest'
import { runCli } from '#test/support/cli.ts'

describe('the command line, used wrongly', () => {
  it.each([
    [['pots', 'list'], 'Did you mean post?'],
    [['post', 'lst'], 'Did you mean list?'],
    [['post', 'create', '--txt', 'x'], 'Did you mean --text?'],
    [['post', 'show'], "Missing required argument 'id'"],
    [['post', 'show', 'pst_1', 'pst_2'], 'Too many arguments'],
    [['post', 'create', '--timeout', 'soon'], 'A number of seconds'],
    [['post', 'create', '--alt', 'A cat', '--media', 'cat.jpg'], 'after the --media'],
    [['post', 'create', '--media', 'a.jpg', '--alt', 'A', '--alt', 'B'], 'has an alt text already'],
    [['post', 'create', '--variant', 'chn_1'], 'Write it like'],
    [['post', 'create', '--text', 'x', '--text-file', 'x.txt'], 'not both'],
    [['post', 'create', '--wait', '--draft'], 'cannot be used with'],
    [['post', 'schedule', 'pst_1'], 'choose --at TIME or --now'],
    [['post', 'list', '--limit', '0'], 'A whole number from 1'],
    [['connection', 'add'], 'required option'],
    [['connection', 'add', '--network', 'x'], '--sandbox or --access-token'],
    [['connection', 'add', '--network', 'x', '--sandbox', '--access-token', 't'], 'not both'],
    [['connection', 'add', '--network', 'x', '--access-token', 't', '--expires-at', 'soon'], 'Write it like'],
    [['delivery', 'resolve', 'dlv_1'], 'choose one of'],
    [['delivery', 'resolve', 'dlv_1', '--leave', '--send-again'], 'choose one of'],
    [['member', 'invite', 'a@b.example', '--role', 'king'], 'Allowed choices are'],
    [['sandbox', '--port', 'x'], 'A whole number'],
  ])('ends with 2 on %j and says: %s', async (words, said) => {
    const { code, stdout, stderr } = await runCli(words)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr.toLowerCase()).toContain(said.toLowerCase())
    expect(stderr).toContain('Usage: litfass')
    expect(stderr).toContain('--help')
  })

  it('says so as JSON where that is asked for', async () => {
    const { code, stderr } = await runCli(['post', 'show', '--json'])
    expect(code).toBe(2)
    expect(JSON.parse(stderr)).toMatchObject({
      code: 'invalid_input',
      title: expect.stringContaining('id'),
      remedy: expect.stringContaining('litfass post show'),
    })
  })

  it('shows what there is where a command is missing', async () => {
    const { code, stdout, stderr } = await runCli(['post'])
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain('duplicate')
    expect((await runCli([])).code).toBe(2)
  })

  it('is no failure when help or version was asked for', async () => {
    const help = await runCli(['--help'])
    expect(help.code).toBe(0)
    for (const name of ['serve', 'worker', 'restore', 'doctor', 'delivery'])
      expect(help.stdout).toContain(name)
    expect((await runCli(['post', 'create', '--help'])).code).toBe(0)
    expect((await runCli(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
  })
})
