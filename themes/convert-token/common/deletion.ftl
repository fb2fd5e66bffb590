<!DOCTYPE html>
<html lang="${lang}" data-dark-mode="${darkMode?c}">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="color-scheme" content="light${darkMode?then(' dark', '')}">
  <meta name="robots" content="noindex">
  <title>${text.title} · ${realm}</title>
  <#if favicon??><link rel="icon" href="${favicon}"></#if>
  <link rel="stylesheet" href="${resources}/explorer.css">
  <#if style??><link rel="stylesheet" href="${style}"></#if>
  <script src="${resources}/scheme.js"></script>
</head>
<body>
  <header class="bar">
    <div class="bar-inside">
      <div class="brand">
        <#if logo??><img class="logo" src="${logo}" alt=""></#if>
        <span class="realm">${realm}</span>
      </div>
    </div>
  </header>
  <main class="page">
    <section class="intro" aria-labelledby="title">
      <h1 id="title">${text.title}</h1>
      <#if isKnown>
      <p>${text.done}</p>
      <p>${text.when?replace("{0}", when)}</p>
      <p>${text.sessions?replace("{0}", sessions)}</p>
      <p>${text[account]}</p>
      <#else>
      <p>${text.unknown}</p>
      </#if>
    </section>
  </main>
</body>
</html>
