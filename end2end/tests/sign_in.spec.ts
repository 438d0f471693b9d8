import { expect, expectAccessible, test } from '../fixtures'
import { PASSWORD, url } from '../rest'

test.use({ storageState: { cookies: [], origins: [] } })

test('a page asks for a sign-in and is shown afterwards', async ({ page }) => {
  await page.goto('/projects/default/runs')
  await expect(page).toHaveURL(/\/login\?redirect=/)
  await expectAccessible(page)
  await page.getByLabel('User name').fill('admin')
  await page.getByLabel('Password').fill(PASSWORD)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await expect(page).toHaveURL('/projects/default/runs')
})

test.describe('with a wrong password', () => {
  test.use({ expectedErrors: [/status of 4\d\d/] })

  test('the form says so and keeps the name', async ({ page }) => {
    await page.goto('/login')
    await page.getByLabel('User name').fill('admin')
    await page.getByLabel('Password').fill('wrong')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await expect(page.getByRole('alert')).toContainText(/password/i)
    await expect(page.getByLabel('User name')).toHaveValue('admin')
    await expect(page.getByLabel('Password')).toHaveValue('')
    await expectAccessible(page)
  })
})

test('a client on another machine is let in by its link', async ({ page, rest }) => {
  const form = { client_id: crypto.randomUUID() }
  const asked = await (await fetch(`${url}/api/v1/device_authorization`, { method: 'POST', body: new URLSearchParams(form) })).json()
  await page.context().addCookies((rest.storageState() as { cookies: [] }).cookies)
  await page.goto(asked.verification_uri_complete)
  await expectAccessible(page)
  await page.getByRole('button', { name: /authorize|allow|verify/i }).click()
  await expect(page.getByText(/can be closed|is authorized|signed in|verified/i).first()).toBeVisible()
  const login = { grant_type: 'urn:ietf:params:oauth:grant-type:device_code', device_code: asked.device_code, ...form }
  const answer = await fetch(`${url}/api/v1/login`, { method: 'POST', body: new URLSearchParams(login) })
  expect(answer.status).toBe(200)
})
