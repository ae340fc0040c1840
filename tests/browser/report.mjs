// Drives the HTML report, and the page of a fleet, in headless Chromium, as a file and with no network: what a reader sees, what axe says, and what
// hostile text can do.
//   node report.mjs AMLNET WRITE_SAMPLES MODULES [SCREENSHOTS]
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const [amlnet, writeSamples, modules, screenshots] = process.argv.slice(2);
const require = createRequire(join(modules, 'x'));
const { chromium } = require('playwright-core');
const axe = require.resolve('axe-core/axe.min.js');

const failures = [];
const expect = (holds, what) => { if (!holds) failures.push(what); };

const folder = mkdtempSync(join(tmpdir(), 'amlnet-browser-'));
const samples = ['failing', 'healthy', 'foreign', 'incomplete', 'full', 'large', 'hostile'];
const pages = [...samples, 'fleet'];
const fileOf = (name) => join(folder, `${name}.html`);
const urlOf = (name) => `file://${fileOf(name)}`;

const writeReports = () => {
  execFileSync(writeSamples, [folder]);
  for (const name of samples)
    execFileSync(amlnet, ['show', join(folder, `${name}.json`), '--format', 'html', '--output', fileOf(name)]);
  // The samples are of one node: give each a name of its own.
  const nodes = samples.map((name) => {
    const report = JSON.parse(readFileSync(join(folder, `${name}.json`)));
    report.node.hostname += `-${name}`;
    report.run.id += `-${name}`;
    writeFileSync(join(folder, `${name}-node.json`), JSON.stringify(report));
    return join(folder, `${name}-node.json`);
  });
  execFileSync(amlnet, ['fleet', ...nodes, '--format', 'html', '--output', fileOf('fleet')]);
};

// A page that notes what it should never do: complain, or ask for anything but itself.
const opened = async (context, name, hash = '') => {
  const page = await context.newPage();
  page.on('console', (message) => expect(false, `${name}: console: ${message.text()}`));
  page.on('pageerror', (error) => expect(false, `${name}: ${error}`));
  page.on('dialog', (dialog) => { expect(false, `${name}: a dialog`); dialog.dismiss(); });
  page.on('request', (request) => expect(request.url() === urlOf(name) + hash || request.url() === urlOf(name),
                                         `${name}: asks for ${request.url()}`));
  await page.goto(urlOf(name) + hash);
  return page;
};

const checkLooks = async (browser) => {
  for (const colorScheme of ['light', 'dark']) {
    for (const width of [1280, 390]) {
      const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme });
      for (const name of pages) {
        const page = await opened(context, name);
        const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
        expect(over <= 0, `${name} at ${width}: ${over} pixels too wide`);
        if (screenshots && name !== 'large')
          await page.screenshot({ path: join(screenshots, `${name}-${width}-${colorScheme}.png`), fullPage: true });
        await page.close();
      }
      await context.close();
    }
  }
};

// axe is a script of its own, which the page's policy would refuse.
const checkAxe = async (browser) => {
  for (const colorScheme of ['light', 'dark']) {
    const context = await browser.newContext({ bypassCSP: true, colorScheme });
    for (const name of pages.filter((one) => one !== 'large')) {
      const page = await context.newPage();
      await page.goto(urlOf(name));
      await page.evaluate(() => { for (const one of document.querySelectorAll('details')) one.open = true; });
      await page.addScriptTag({ path: axe });
      const { violations } = await page.evaluate(() => globalThis.axe.run(document));
      for (const one of violations)
        expect(false, `axe, ${name}, ${colorScheme}: ${one.id}: ${one.nodes[0].html.slice(0, 200)}`);
      await page.close();
    }
    await context.close();
  }
};

const checkContent = async (browser) => {
  const page = await opened(await browser.newContext(), 'failing');
  expect(/FAIL/.test(await page.locator('h1').innerText()), 'the verdict is the heading');
  expect(await page.locator('article.finding').count() === 2, 'each finding is there');
  expect(await page.locator('svg.path .box.bad').count() >= 2, 'the path shows where it is broken');
  expect(await page.locator('svg.waterfall rect.dns').count() >= 41, 'each endpoint has a bar in the timeline');
  const text = await page.locator('body').innerText();
  for (const piece of ['20.60.14.8', 'tcp.port-filtered', 'storage.ws.blob', 'Configure inbound and outbound'])
    expect(text.includes(piece), `the page lacks ${piece}`);
  await page.locator('article.finding a.probe').first().click();
  expect(await page.locator('details:target').evaluate((one) => one.open), 'a link to a probe opens its evidence');
  await page.evaluate(() => window.dispatchEvent(new Event('beforeprint')));
  expect(await page.locator('details:not(.rows):not([open])').count() === 0, 'for paper, everything is open');
  await page.close();
};

const visibleRows = (page) => page.locator('#matrix tbody tr:visible').count();

// By keyboard alone.
const checkFilters = async (browser) => {
  const page = await opened(await browser.newContext(), 'failing');
  const all = await visibleRows(page);
  await page.keyboard.press('Tab');
  expect(await page.evaluate(() => document.activeElement.className) === 'skip', 'the first stop skips to the findings');
  for (let i = 0; i < 60 && await page.evaluate(() => document.activeElement.id) !== 'search'; ++i)
    await page.keyboard.press('Tab');
  await page.keyboard.type('BLOB storage');
  expect(await visibleRows(page) === 1, 'search finds the one row, whatever the order and case of words');
  expect(/^1 of \d+ rows$/.test(await page.locator('#shown').innerText()), 'the number of rows is told');
  await page.keyboard.press('Control+A');
  await page.keyboard.press('Delete');
  expect(await visibleRows(page) === all, 'without a word all rows are back');
  await page.keyboard.press('Tab');
  await page.keyboard.type('rec');
  const recommended = await visibleRows(page);
  expect(recommended === 9, `level: ${recommended} recommended rows`);
  await page.keyboard.press('Home');
  await page.locator('input[value=ok]').focus();
  await page.keyboard.press('Space');
  expect(await visibleRows(page) === 3, 'status: what passes is hidden');
  await page.close();
};

const checkWithoutScripts = async (browser) => {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await opened(context, 'failing');
  expect(!await page.locator('#tools').isVisible(), 'filters are hidden where they cannot work');
  expect(await page.locator('article.finding').first().isVisible(), 'findings can be read');
  expect(await visibleRows(page) === 42, 'all rows can be read');
  await context.close();
};

// Of the page of a fleet: the filters are those of a report, by other words.
const checkFleet = async (browser) => {
  const page = await opened(await browser.newContext(), 'fleet');
  const all = await visibleRows(page);
  expect(all >= 4, `nodes of the fleet: ${all}`);
  await page.locator('input[value=bad]').uncheck();
  const others = await visibleRows(page);
  expect(others > 0 && others < all, 'nodes that fail are hidden');
  await page.locator('input[value=bad]').check();
  await page.locator('#level').selectOption({ label: 'dns.private-zone-not-linked' });
  const hit = await visibleRows(page);
  expect(hit > 0 && hit < all, 'only the nodes that one cause hits');
  await page.close();
};

const hostileOn = async (browser, name) => {
  const page = await opened(await browser.newContext(), name);
  expect(await page.title() !== 'owned', 'a script of the report ran');
  const found = await page.evaluate(() => ({
    scripts: document.scripts.length,
    styles: document.querySelectorAll('style').length,
    others: document.querySelectorAll('img, iframe, object, embed, base, link, form[action]').length,
    handlers: [...document.querySelectorAll('*')].filter((one) => [...one.attributes].some((at) => /^on|^style$/.test(at.name))).length,
    links: [...document.querySelectorAll('a')].map((one) => one.getAttribute('href')).filter((to) => !/^(#|https?:)/.test(to)),
    overrides: /\u202e/.test(document.documentElement.outerHTML),
  }));
  expect(found.scripts === 1 && found.styles === 1 && found.others === 0 && found.handlers === 0,
         `hostile text became elements: ${JSON.stringify(found)}`);
  expect(found.links.length === 0 && !found.overrides, `hostile links or characters: ${JSON.stringify(found)}`);
  await page.close();
};

const checkHostile = async (browser) => {
  for (const name of ['hostile', 'fleet']) await hostileOn(browser, name);
  // Even markup that slipped through could do nothing.
  const other = await (await browser.newContext()).newPage();
  const ends = [];
  await other.goto(urlOf('failing'));
  other.on('requestfailed', (request) => ends.push(request.failure().errorText));
  other.on('requestfinished', (request) => ends.push(request.url()));
  await other.evaluate(() => {
    const script = document.createElement('script');
    script.textContent = 'globalThis.ran = true';
    document.body.append(script);
    document.body.insertAdjacentHTML('beforeend', '<img src="https://example.invalid/x" onerror="globalThis.ran = true">');
  });
  await other.waitForTimeout(200);
  expect(!await other.evaluate(() => globalThis.ran), 'the policy lets a foreign script run');
  expect(ends.every((end) => end === 'csp'), `the policy lets a foreign image be asked for: ${ends}`);
};

const checkSize = async (browser) => {
  const bytes = statSync(fileOf('large')).size;
  expect(bytes < 2e6, `1,000 endpoints of which 50 failed: ${bytes} bytes`);
  const page = await opened(await browser.newContext(), 'large');
  const { loadEventEnd, startTime } = await page.evaluate(() => performance.getEntriesByType('navigation')[0].toJSON());
  console.log(`1,000 endpoints of which 50 failed: ${bytes} bytes, open after ${Math.round(loadEventEnd - startTime)} ms`);
  expect(await page.locator('#matrix tbody tr.bad').count() === 50, 'each failure has its row');
  await page.close();
};

const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
try {
  writeReports();
  for (const check of [checkLooks, checkAxe, checkContent, checkFilters, checkFleet, checkWithoutScripts, checkHostile, checkSize])
    await check(browser);
} finally {
  await browser.close();
  rmSync(folder, { recursive: true });
}
for (const failure of failures) console.log(`failed: ${failure}`);
process.exit(failures.length > 0 ? 1 : 0);
