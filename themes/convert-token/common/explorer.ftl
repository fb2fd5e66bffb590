<!DOCTYPE html>
<html lang="${text.lang}" data-dark-mode="${darkMode?c}">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="color-scheme" content="light${darkMode?then(' dark', '')}">
  <title>${text.title} · ${realm}</title>
  <#if favicon??><link rel="icon" href="${favicon}"></#if>
  <link rel="stylesheet" href="${swaggerUi}/swagger-ui.css">
  <link rel="stylesheet" href="${resources}/explorer.css">
  <#if style??><link rel="stylesheet" href="${style}"></#if>
  <script src="${resources}/scheme.js"></script>
  <script src="${swaggerUi}/swagger-ui-bundle.js" defer></script>
  <script src="${resources}/explorer.js" defer></script>
</head>
<body data-openapi="${openApi}" data-copied="${text.copied}" data-copy-failed="${text.copyFailed}" data-failed="${text.failed}">
  <a class="skip" href="#reference">${text.skip}</a>
  <header class="bar">
    <div class="bar-inside">
      <div class="brand">
        <#if logo??><img class="logo" src="${logo}" alt=""></#if>
        <span class="realm">${realm}</span>
      </div>
      <nav aria-label="${text.document}">
        <a class="document" href="${openApi}">openapi.json</a>
        <a class="document" href="${openApiYaml}">openapi.yaml</a>
        <a class="document" href="${explain}">${text.explain}</a>
      </nav>
    </div>
  </header>
  <div class="page">
    <section class="intro" aria-labelledby="title">
      <h1 id="title">${text.title}</h1>
      <p>${text.intro}</p>
    </section>
    <noscript><p class="notice">${text.noscript}</p></noscript>
    <p class="notice" id="failure" role="alert" hidden></p>

    <section class="commands" aria-labelledby="commands-title">
      <h2 id="commands-title">${text.commands}</h2>
      <p class="lead">${text.commandsIntro}</p>
      <form class="settings" id="settings" autocomplete="off">
        <div class="field">
          <label for="client">${text.client}</label>
          <input id="client" type="text" maxlength="255" spellcheck="false" autocapitalize="off" placeholder="my-app" aria-describedby="client-help">
          <p class="help" id="client-help">${text.clientHelp}</p>
        </div>
        <div class="field">
          <label for="backend">${text.backend}</label>
          <#if backends?has_content>
          <select id="backend" aria-describedby="backend-help">
            <#list backends as backend>
            <option value="${backend}">${backend}</option>
            </#list>
            <option value="">${text.otherBackend}</option>
          </select>
          </#if>
          <input id="other-backend" type="text" maxlength="255" spellcheck="false" autocapitalize="off" placeholder="my-provider" aria-label="${text.backend}" aria-describedby="backend-help"<#if backends?has_content> hidden</#if>>
          <p class="help" id="backend-help">${text.backendHelp}</p>
          <#if !backends?has_content><p class="notice" id="no-backends">${text.noBackends}</p></#if>
        </div>
        <div class="field check">
          <input id="confidential" type="checkbox">
          <label for="confidential">${text.confidential}</label>
        </div>
      </form>
      <div class="calls">
        <div class="tabs" role="tablist" aria-label="${text.calls}" aria-orientation="vertical">
          <#list calls as call>
          <button type="button" role="tab" id="tab-${call}" data-call="${call}" aria-controls="call" aria-selected="${(call?index == 0)?c}" tabindex="${(call?index == 0)?then('0', '-1')}">${text["call." + call]}</button>
          </#list>
        </div>
        <div class="call" id="call" role="tabpanel" aria-labelledby="tab-${calls[0]}" tabindex="0">
          <p class="line"><span class="method" id="method"></span> <code class="path" id="path"></code></p>
          <div class="command">
            <pre tabindex="0" aria-label="${text.command}"><code id="command"></code></pre>
            <button type="button" class="copy" id="copy-command">${text.copy}</button>
          </div>
          <p class="status" id="status" role="status"></p>
          <div id="variables" class="variables" hidden>
            <p>${text.variables}</p>
            <dl>
              <#list variables as variable>
              <div data-variable="${variable}" hidden><dt><code>${variable}</code></dt><dd>${text["variable." + variable]}</dd></div>
              </#list>
            </dl>
          </div>
        </div>
      </div>
    </section>

    <div class="reference" id="reference" tabindex="-1">
      <section aria-labelledby="reference-title">
        <h2 id="reference-title">${text.reference}</h2>
        <p class="lead">${text.referenceIntro}</p>
      </section>
      <#-- Swagger UI brings the main landmark -->
      <div id="swagger-ui" lang="en"><p class="loading">${text.loading}</p></div>
    </div>
  </div>
</body>
</html>
