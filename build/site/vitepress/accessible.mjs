/**
 * What axe finds wrong with components of VitePress' theme, put right in their source before it is compiled. Each change must find its
 * place, so that a newer VitePress cannot drop it in silence.
 */
const changes = {
  // The page has its main part in <main>, as the other pages have.
  'VPHome.vue': [
    [/<div(\s+class="VPHome")/, '<main$1'],
    [/<\/div>(\s*<\/template>)/, '</main>$1'],
  ],
  // Without the program of the page it has no title.
  'VPSwitchAppearance.vue': [[':title="switchTitle"', ':title="switchTitle" aria-label="Dark theme"']],
  // Its name is "Search", without the key: the style sheet writes that.
  'VPNavBarSearchButton.vue': [
    ['<kbd class="DocSearch-Button-Key">K</kbd>', '<kbd class="DocSearch-Button-Key key-k"></kbd>'],
  ],
  // A group is one button that says whether it is open, not a button in a button. No group has a link of its own.
  'VPSidebarItem.vue': [
    [':tabindex="item.items && 0"', ':tabindex="item.items && 0" :aria-expanded="item.items && !collapsed"'],
    [/role="button"\s+aria-label="toggle section"/, 'aria-hidden="true"'],
    [/@keydown\.enter="onCaretClick"\s+tabindex="0"/, ''],
  ],
};

export const accessible = {
  name: 'accessible',
  enforce: 'pre',
  transform(code, id) {
    const found = Object.entries(changes).find(([file]) => id.endsWith(`/theme-default/components/${file}`));
    return found?.[1].reduce((text, [from, to]) => replaced(text, from, to, found[0]), code);
  },
};

function replaced(text, from, to, file) {
  const after = text.replace(from, to);
  if (after === text)
    throw new Error(`VitePress' ${file} has changed: adapt build/site/vitepress/accessible.mjs`);
  return after;
}
