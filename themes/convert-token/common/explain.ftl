<!DOCTYPE html>
<html lang="${lang}" data-dark-mode="${darkMode?c}">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="color-scheme" content="light${darkMode?then(' dark', '')}">
  <title>${text["page.title"]} · ${realm}</title>
  <#if favicon??><link rel="icon" href="${favicon}"></#if>
  <link rel="stylesheet" href="${resources}/explorer.css">
  <link rel="stylesheet" href="${resources}/explain.css">
  <#if style??><link rel="stylesheet" href="${style}"></#if>
  <script src="${resources}/scheme.js"></script>
  <script src="${resources}/explain.js" defer></script>
</head>
<body data-admin="${admin}" data-token-endpoint="${tokenEndpoint}">
  <a class="skip" href="#result">${text["page.skip"]}</a>
  <header class="bar">
    <div class="bar-inside">
      <div class="brand">
        <#if logo??><img class="logo" src="${logo}" alt=""></#if>
        <span class="realm">${realm}</span>
      </div>
      <nav aria-label="${text["page.toExplorer"]}">
        <a class="document" href="${explorer}">${text["page.toExplorer"]}</a>
      </nav>
    </div>
  </header>
  <main class="page explain">
    <section class="intro" aria-labelledby="title">
      <h1 id="title">${text["page.title"]}</h1>
      <p>${text["page.intro"]}</p>
    </section>
    <noscript><p class="notice">${text["page.noscript"]}</p></noscript>
    <form class="question" id="question" autocomplete="off" novalidate>
      <div class="field wide">
        <label for="admin-token">${text["page.adminToken"]}</label>
        <input id="admin-token" type="password" autocomplete="off" spellcheck="false" required aria-describedby="admin-token-help">
        <p class="help" id="admin-token-help">${text["page.adminTokenHelp"]}</p>
        <p class="problem" id="admin-token-problem" hidden>${text["page.required"]}</p>
        <details>
          <summary>${text["page.adminCommand"]}</summary>
          <div class="command">
            <pre tabindex="0" aria-label="${text["page.adminCommand"]}"><code id="command"></code></pre>
            <button type="button" class="copy" id="copy">${text["page.copy"]}</button>
          </div>
          <p class="status" id="copied" role="status" data-copied="${text["page.copied"]}"></p>
        </details>
      </div>
      <div class="field">
        <label for="backend">${text["page.backend"]}</label>
        <input id="backend" type="text" maxlength="255" list="backends" spellcheck="false" autocapitalize="off" required aria-describedby="backend-help">
        <datalist id="backends"><#list backends as backend><option value="${backend}"></option></#list></datalist>
        <p class="help" id="backend-help">${text["page.backendHelp"]}</p>
        <p class="problem" id="backend-problem" hidden>${text["page.required"]}</p>
      </div>
      <div class="field">
        <label for="client">${text["page.client"]}</label>
        <input id="client" type="text" maxlength="255" spellcheck="false" autocapitalize="off" required aria-describedby="client-help">
        <p class="help" id="client-help">${text["page.clientHelp"]}</p>
        <p class="problem" id="client-problem" hidden>${text["page.required"]}</p>
      </div>
      <div class="field wide">
        <label for="token">${text["page.token"]}</label>
        <textarea id="token" rows="5" maxlength="20000" spellcheck="false" autocapitalize="off" required aria-describedby="token-help"></textarea>
        <p class="help" id="token-help">${text["page.tokenHelp"]}</p>
        <p class="problem" id="token-problem" hidden>${text["page.required"]}</p>
      </div>
      <details class="wide">
        <summary>${text["page.more"]}</summary>
        <div class="more">
          <div class="field">
            <label for="nonce">${text["page.nonce"]}</label>
            <input id="nonce" type="text" maxlength="1024" spellcheck="false" autocapitalize="off">
          </div>
          <div class="field">
            <label for="token-type">${text["page.tokenType"]}</label>
            <select id="token-type">
              <option value="">${text["page.anyType"]}</option>
              <option value="id_token">id_token</option>
              <option value="access_token">access_token</option>
            </select>
          </div>
          <div class="field">
            <label for="scope">${text["page.scope"]}</label>
            <input id="scope" type="text" maxlength="2000" spellcheck="false" autocapitalize="off" placeholder="openid">
          </div>
        </div>
      </details>
      <div class="actions wide">
        <button type="submit" class="primary" id="explain">${text["page.explain"]}</button>
        <button type="button" id="check">${text["page.checkProvider"]}</button>
        <button type="button" id="review">${text["page.review"]}</button>
      </div>
    </form>
    <section class="result" id="result" tabindex="-1" aria-labelledby="result-title" hidden>
      <h2 id="result-title">${text["page.result"]}</h2>
      <p class="verdict" id="verdict" role="status"></p>
      <p class="account" id="account" hidden></p>
      <ol class="checks" id="checks"></ol>
    </section>
  </main>
  <#-- the texts of the script, which only become text -->
  <dl id="texts" hidden>
    <#list text as key, value>
    <#if key?starts_with("page.") || key?starts_with("check.")><div><dt>${key}</dt><dd>${value}</dd></div></#if>
    </#list>
  </dl>
</body>
</html>
