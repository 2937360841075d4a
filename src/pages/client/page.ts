// The script of all pages: pages work without it.
document.documentElement.classList.add('scripted');
