// Fonts of the system: nothing is loaded for them.
import theme from 'vitepress/theme-without-fonts';
import './site.css';

export default theme;
