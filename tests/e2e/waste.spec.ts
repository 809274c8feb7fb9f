import { writeFile } from 'node:fs/promises';
import { expect, test } from './page/test.ts';
import { fixture, LAYERSCOPE } from './machine/root.ts';
import { attempt } from './machine/program.ts';

test('waste says what to change, and judges by rules as the command line does', async ({ gateway, app }, info) => {
  const { page } = app;
  await app.visit(gateway.startPage);
  await app.choose(fixture('docker-save-25.tar'));
  await app.verified(9);
  await app.show('Waste');
  const advice = page.getByRole('region', { name: 'What to change' }).getByRole('listitem');
  await expect(advice.first()).toContainText('Delete it in the instruction that makes it');
  await expect(advice.first()).toContainText('/usr/share/doc/old.txt');

  const gate = page.getByRole('region', { name: 'Rules for CI' });
  const row = (rule: string): ReturnType<typeof gate.getByRole> => gate.getByRole('row').filter({ hasText: rule });
  await expect(row('lowestEfficiency')).toContainText('pass');
  await expect(row('highestWastedBytes')).toContainText('turned off');
  await expect(row('highestUserWastedPercent')).toContainText('fail');
  await expect(gate.locator('header')).toContainText('fails');

  // Thresholds can be typed. The one figure that no share can allow is turned off.
  await gate.getByLabel('Wasted share above the base').fill('off');
  await page.keyboard.press('Tab');
  await expect(gate.locator('header')).toContainText('passes');
  await gate.getByLabel('Wasted bytes at most').fill('2 kB');
  await page.keyboard.press('Tab');
  await expect(row('highestWastedBytes')).toContainText('fail');
  await gate.getByLabel('dive efficiency at least').fill('plenty');
  await page.keyboard.press('Tab');
  await expect(gate.locator('[data-error=gate-rules]')).toContainText('a number from 0 to 1');

  // A file that was dropped on the rules is no image.
  const file = info.outputPath('.dive-ci');
  const rules = 'rules:\n  # what we allow\n  lowest-efficiency: "0.9421"\n  highestWastedBytes: 2262B\n  highestUserWastedPercent: disabled\n';
  await writeFile(file, rules);
  await gate.getByLabel('Open a .dive-ci file').and(page.locator('input')).setInputFiles(file);
  await expect(gate.locator('header')).toContainText('passes');
  await expect(gate.getByLabel('dive efficiency at least')).toHaveValue('0.9421');
  expect((await attempt(LAYERSCOPE, ['waste', `--ci=${file}`, fixture('docker-save-25.tar')])).code).toBe(0);
  await writeFile(file, rules.replace('2262B', '2261B'));
  await gate.getByLabel('Open a .dive-ci file').and(page.locator('input')).setInputFiles(file);
  await expect(row('highestWastedBytes')).toContainText('fail');
  expect((await attempt(LAYERSCOPE, ['waste', `--ci=${file}`, fixture('docker-save-25.tar')])).code).toBe(1);

  // A link says what was typed.
  await expect(page).toHaveURL(/lowestEfficiency=0.9421&highestWastedBytes=2261B&highestUserWastedPercent=disabled/);
  await page.goto(page.url().replace(/\?file=[^&]+/, '?sample').replace('0.9421', '0.5'));
  await expect(gate.getByLabel('dive efficiency at least')).toHaveValue('0.5');
  await expect(gate.getByLabel('Wasted bytes at most')).toHaveValue('2261B');
  await gate.getByRole('button', { name: 'dive\'s defaults' }).click();
  await expect(gate.getByLabel('dive efficiency at least')).toHaveValue('0.9');
  expect(page.url()).not.toContain('lowestEfficiency');
});
