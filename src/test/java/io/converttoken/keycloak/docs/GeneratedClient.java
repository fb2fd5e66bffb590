// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.docs;

import io.converttoken.keycloak.guides.Shell;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A client that openapi-generator makes from the description of the API, in one language, and an app that calls it:
 * {@code src/test/openapi/LANGUAGE}. Its scripts run in the project's directory.
 */
enum GeneratedClient {
    JAVA(List.of("mvn"), "", """
            "$JAVA_HOME/bin/javac" -proc:none -encoding UTF-8 -d "$OUT" -cp "$LIB/java/*" \\
              $(find "$CLIENT/src/main" src/test/openapi/java -name '*.java')
            """, """
            "$JAVA_HOME/bin/java" -cp "$OUT:$LIB/java/*" Caller "$TOKEN"
            """),

    KOTLIN(List.of("mvn"), "", """
            "$JAVA_HOME/bin/java" -cp "$LIB/kotlin-compiler/*" org.jetbrains.kotlin.cli.jvm.K2JVMCompiler \\
              -no-stdlib -no-reflect -nowarn -d "$OUT" -cp "$(echo "$LIB"/kotlin/*.jar | tr ' ' ':')" \\
              "$CLIENT/src/main/kotlin" src/test/openapi/kotlin/Caller.kt
            """, """
            "$JAVA_HOME/bin/java" -cp "$OUT:$LIB/kotlin/*" CallerKt "$TOKEN"
            """),

    PYTHON(List.of("python3"), """
            python3 -m venv "$OUT/venv"
            "$OUT/venv/bin/pip" install --quiet -r "$CLIENT/requirements.txt" -r src/test/openapi/python/requirements.txt
            """, """
            MYPYPATH="$CLIENT" "$OUT/venv/bin/mypy" --cache-dir "$OUT/mypy" "$CLIENT/openapi_client" \\
              src/test/openapi/python/caller.py
            """, """
            PYTHONDONTWRITEBYTECODE=1 PYTHONPATH="$CLIENT" "$OUT/venv/bin/python" src/test/openapi/python/caller.py "$TOKEN"
            """),

    TYPESCRIPT(List.of("node", "npm"), NodeTools.INSTALL, """
            cp src/test/openapi/typescript/caller.ts "$CLIENT"
            target/openapi/npm/node_modules/.bin/tsc --strict --target es2022 --module nodenext --lib es2022,dom \\
              --outDir "$OUT" "$CLIENT/caller.ts"
            """, """
            node "$OUT/caller.js" "$TOKEN"
            """);

    private final List<String> needed;
    private final String preparation;
    private final String compilation;
    private final String call;

    GeneratedClient(List<String> needed, String preparation, String compilation, String call) {
        this.needed = needed;
        this.preparation = preparation;
        this.compilation = compilation;
        this.call = call;
    }

    /** Programs that have to be there. */
    List<String> needed() {
        return needed;
    }

    /** Fetches what the client is compiled and run with. */
    Shell.Result prepare() {
        return run(preparation, "");
    }

    Shell.Result compile() {
        return run("mkdir -p \"$OUT\"\n" + compilation, "");
    }

    /** Runs the app, with a token of the provider. */
    Shell.Result call(String token) {
        return run(call, token);
    }

    private Shell.Result run(String script, String token) {
        return Shell.run(
                "set -e\n" + script,
                Map.of(
                        "JAVA_HOME",
                        System.getProperty("java.home"),
                        "LIB",
                        "target/openapi/lib",
                        "CLIENT",
                        "target/openapi/clients/" + this,
                        "OUT",
                        "target/openapi/out/" + this,
                        "TOKEN",
                        token));
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
