// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.guides;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What a guide shows in fenced blocks. */
record MarkdownFile(Path path, List<Block> blocks) {

    /** Directories of what is built or downloaded. */
    private static final Set<String> FOREIGN = Set.of(".git", "target", "node_modules");

    private static final Pattern ANSWERS = Pattern.compile("<!-- answers: (\\d{3}) -->");
    private static final Pattern YOURS = Pattern.compile("<!-- (yours) -->");

    MarkdownFile {
        blocks = List.copyOf(blocks);
    }

    /**
     * A fenced block.
     *
     * @param line of the opening fence, the first is 1
     * @param language may be empty
     * @param above the last line before it that is not blank
     * @param notRun why the tests do not run it, if they do not
     */
    record Block(int line, String language, String text, String above, Optional<String> notRun) {

        boolean isShell() {
            return language.equals("sh");
        }

        /** The status that its last call answers with, where that is an error to be shown. */
        Optional<String> answers() {
            return first(ANSWERS);
        }

        /** Returns whether it assigns values that each reader has of their own, such as a client id at a provider. */
        boolean isYours() {
            return first(YOURS).isPresent();
        }

        private Optional<String> first(Pattern pattern) {
            return Optional.of(pattern.matcher(above)).filter(Matcher::matches).map(found -> found.group(1));
        }
    }

    /** The README, and all of {@code docs/}. */
    static List<MarkdownFile> guides() {
        List<Path> paths = new ArrayList<>(List.of(Path.of("README.md")));
        try (Stream<Path> docs = Files.list(Path.of("docs"))) {
            docs.filter(path -> path.toString().endsWith(".md")).sorted().forEach(paths::add);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return paths.stream().map(MarkdownFile::read).toList();
    }

    /** All Markdown of the project: also of the examples, and of the forms for contributors. */
    static List<Path> everywhere() {
        List<Path> found = new ArrayList<>();
        try {
            Files.walkFileTree(Path.of(""), new SimpleFileVisitor<>() {

                @Override
                public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
                    return FOREIGN.contains(directory.getFileName().toString())
                            ? FileVisitResult.SKIP_SUBTREE
                            : FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                    if (file.toString().endsWith(".md")) {
                        found.add(file);
                    }
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return found;
    }

    static MarkdownFile read(Path path) {
        List<Block> blocks = new ArrayList<>();
        List<String> lines = lines(path);
        String above = "";
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).strip();
            if (line.startsWith("```")) {
                int end = closing(path, lines, i);
                String text = String.join("\n", lines.subList(i + 1, end)).stripIndent();
                blocks.add(new Block(i + 1, line.substring(3), text, above, UnrunCommands.reason(path, text)));
                i = end;
            }
            if (!line.isEmpty()) {
                above = line;
            }
        }
        return new MarkdownFile(path, blocks);
    }

    /** The blocks of this language that the tests run. */
    List<Block> run(String language) {
        return blocks.stream()
                .filter(block -> block.language().equals(language))
                .filter(block -> block.notRun().isEmpty())
                .toList();
    }

    /** The block of this language under a heading. */
    Block only(String language) {
        List<Block> found = blocks.stream()
                .filter(block -> block.language().equals(language))
                .toList();
        if (found.size() != 1) {
            throw new AssertionError(found.size() + " blocks of " + language + " in " + path);
        }
        return found.get(0);
    }

    String name() {
        return path.toString();
    }

    private static int closing(Path path, List<String> lines, int opening) {
        for (int i = opening + 1; i < lines.size(); i++) {
            if (lines.get(i).strip().equals("```")) {
                return i;
            }
        }
        throw new AssertionError(path + ":" + (opening + 1) + " is not closed");
    }

    private static List<String> lines(Path path) {
        try {
            return Files.readAllLines(path);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public String toString() {
        return name();
    }
}
